import { isoOf } from '../../base/clock.ts';
import { type GroupMember, groupHash } from './detail-store.ts';
import type { Contributor } from './entry.ts';
import { docInState, type EntryDoc } from './entry-doc.ts';
import type { FoundEntry } from './find-entries.ts';
import type { StoreParts } from './store-parts.ts';

/** Who suspends or resumes, and why. */
export interface SuspendStep {
  readonly by: string;
  readonly note?: string;
}

type Op = 'suspend' | 'resume';

/**
 * Suspends, or resumes, every entry of a contributor's group together; what joins it meanwhile is suspended too. The same
 * call again completes what a crash left.
 * @returns the entries that belong to the group, as they are stored afterwards
 */
export async function setGroupSuspended(
  parts: StoreParts,
  op: Op,
  { contributor, group }: { readonly contributor: Contributor; readonly group: string },
  step: SuspendStep,
): Promise<EntryDoc[]> {
  const hash = groupHash(contributor, group);
  await parts.details.markSuspended(hash, op === 'suspend');
  const { members } = await parts.details.group(hash);
  const docs = await Promise.all(members.map((member) => setMember(parts, op, member, step)));
  return docs.filter((doc) => doc !== undefined);
}

/**
 * Suspends, or resumes, entries that were found about a subject: with each one that has a group, the whole group.
 * @param isPlain whether they were found with the person in plain
 * @returns how many entries cannot be changed, because a person known in plain was named by a hash
 */
export async function setFoundSuspended(
  parts: StoreParts,
  op: Op,
  entries: readonly FoundEntry[],
  isPlain: boolean,
  step: SuspendStep,
): Promise<{ readonly unreached: number }> {
  let unreached = 0;
  const groups = new Set<string>();
  for (const entry of entries) {
    const { doc, contributor, list, source, tokens } = entry;
    if (doc !== null && doc.group !== null) {
      const name = groupHash(contributor, doc.group);
      if (!groups.has(name)) await setGroupSuspended(parts, op, { contributor, group: doc.group }, step);
      groups.add(name);
    } else if (doc !== null) {
      await setMember(parts, op, doc, step);
    } else {
      const letters = await parts.writer.amend(
        op,
        tokens.map((token) => ({ token, list, source, isPlain })),
      );
      if (letters.includes('p')) unreached += 1;
      else await log(parts, op, entry);
    }
  }
  return { unreached };
}

async function setMember(
  parts: StoreParts,
  op: Op,
  { id, tokens }: GroupMember,
  step: SuspendStep,
): Promise<EntryDoc | undefined> {
  const nowMs = parts.clock.nowMs();
  const what = { at: isoOf(nowMs), what: op === 'suspend' ? ('suspended' as const) : ('resumed' as const), ...step };
  const state = op === 'suspend' ? 'suspended' : 'active';
  const doc = await parts.details.change(id, nowMs, (stored) =>
    stored === undefined || stored.state === 'withdrawn' ? stored : docInState(stored, state, what),
  );
  if (doc === undefined || doc.state === 'withdrawn') return undefined;
  const { list, scope, contributor } = doc;
  const source = await parts.sources.intern({ scope, contributor });
  await parts.writer.amend(
    op,
    tokens.map((token) => ({ token, list, source, isPlain: true })),
  );
  await log(parts, op, doc);
  return doc;
}

async function log(
  { feed, clock }: StoreParts,
  op: Op,
  { id, list, scope, kind, contributor }: Pick<FoundEntry, 'id' | 'list' | 'scope' | 'kind' | 'contributor'>,
): Promise<void> {
  const change = op === 'suspend' ? 'suspended' : 'resumed';
  await feed.log(contributor, [{ change, id, list, scope, kind, at: isoOf(clock.nowMs()) }]);
}
