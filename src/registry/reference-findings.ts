import type { FieldPath, Finding } from './registry-problem.ts';

/** Findings for references that name nothing. `path` leads to the single value, or to the list when `ids` is a list. */
export function unknownIds(
  file: string,
  path: FieldPath,
  ids: readonly string[],
  known: ReadonlySet<string>,
  what: string,
): Finding[] {
  return ids.flatMap((id) => {
    if (known.has(id)) return [];
    const hint = known.size === 0 ? `there is no ${what}` : `known: ${[...known].sort().slice(0, 12).join(', ')}`;
    return [{ file, path, code: `unknown_${what.replaceAll(' ', '_')}`, message: `there is no ${what} ${id}`, hint }];
  });
}

interface Placed {
  id: string;
  file: string;
  path: FieldPath;
}

/** One finding for every id that was already taken by an earlier place. */
export function duplicates(places: readonly Placed[], what: string): Finding[] {
  const first = new Map<string, Placed>();
  return places.flatMap((place) => {
    const earlier = first.get(place.id);
    if (earlier === undefined) {
      first.set(place.id, place);
      return [];
    }
    const message = `${what} ${place.id} exists already, in ${earlier.file}`;
    return [{ file: place.file, path: place.path, code: 'duplicate_id', message, hint: 'choose another id' }];
  });
}
