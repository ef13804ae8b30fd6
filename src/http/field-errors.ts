import type { z } from '@hono/zod-openapi';
import { faultText } from './fault-text.ts';
import type { FieldError } from './problem.ts';

type Issue = z.core.$ZodIssue;
type Place = FieldError['in'];

/** More errors than this help nobody, and a batch of 500 could make tens of thousands. */
const MAX_ERRORS = 50;

/**
 * What a schema found wrong, as `errors[]` of a problem: one for each place. Of a union, the faults of the alternative that
 * the sender most likely meant.
 * @param value what was validated: tells an absent field from one of a wrong type
 */
export function fieldErrors(issues: readonly Issue[], value: unknown, place?: Place): FieldError[] {
  const errors: FieldError[] = [];
  collect(issues, [], value, place, errors);
  return errors.slice(0, MAX_ERRORS);
}

/** Code of a path parameter that has not the shape of our ids: what it names does not exist. */
export const NOT_FOUND = 'not_found';

/** RFC 6901. */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replace(/~/g, '~0').replace(/\//g, '~1')}`).join('');
}

function collect(
  issues: readonly Issue[],
  base: readonly PropertyKey[],
  value: unknown,
  place: Place,
  errors: FieldError[],
): void {
  for (const issue of issues) {
    const path = base.length === 0 ? issue.path : [...base, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) {
        errors.push(at([...path, key], place, 'unknown_field', 'there is no such field'));
      }
    } else if (issue.code === 'invalid_union' && issue.errors.length > 0) {
      const meant = meantAlternative(issue.errors);
      if (meant === undefined) errors.push(at(path, place, 'invalid', 'fits none of the allowed forms'));
      else collect(meant, path, value, place, errors);
    } else if (isAbsent(value, path)) {
      errors.push(at(path, place, 'required', 'is required'));
    } else {
      errors.push(at(path, place, codeOf(issue), faultText(issue.message)));
    }
  }
}

function at(path: readonly PropertyKey[], place: Place, code: string, message: string): FieldError {
  const pointer = jsonPointer(path);
  return place === undefined ? { pointer, code, message } : { pointer, in: place, code, message };
}

/** The alternative with the fewest faults, unless all of them failed at the top (another type altogether was sent). */
export function meantAlternative(alternatives: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const [best] = [...alternatives].sort((left, right) => weightOf(left) - weightOf(right));
  const isObject = best?.some((issue) => issue.path.length > 0 || issue.code === 'unrecognized_keys');
  return isObject ? best : undefined;
}

function weightOf(issues: readonly Issue[]): number {
  return issues.reduce((sum, issue) => {
    if (issue.code === 'unrecognized_keys') return sum + issue.keys.length;
    return sum + (issue.path.length === 0 ? ANOTHER_TYPE : 1);
  }, 0);
}

const ANOTHER_TYPE = 100;

function codeOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return 'type';
    case 'too_small':
    case 'too_big':
      return issue.code;
    case 'invalid_format':
      return 'format';
    case 'invalid_value':
      return 'not_allowed';
    case 'custom':
      // A refinement names its own code: `{ params: { code: 'currency_mismatch' } }`.
      return typeof issue.params?.code === 'string' ? issue.params.code : 'invalid';
    default:
      return 'invalid';
  }
}

function isAbsent(value: unknown, path: readonly PropertyKey[]): boolean {
  let node = value;
  for (const step of path) {
    if (typeof node !== 'object' || node === null) return false;
    node = (node as Record<PropertyKey, unknown>)[step];
  }
  return node === undefined;
}
