import { isoOf } from '../../base/clock.ts';
import { groupHash } from './detail-store.ts';
import type { Contributor, ListToken } from './entry.ts';
import { type Contribution, contributedDoc, docInState, type EntryDoc, hasDetails } from './entry-doc.ts';
import { checkEntry, dayOf, type EntryFault } from './entry-rules.ts';
import type { ListEntryInput } from './entry-schema.ts';
import type { IndexLetter, MembershipToPut } from './index-writer.ts';
import { entryTokens, phoneIdTokens } from './list-tokens.ts';
import type { PackedMembership } from './membership.ts';
import { entryIdOf, refPlaces, type StoreParts } from './store-parts.ts';

/** What became of one entry of a request; `faults` say why one was rejected, the first one's code is `code`. */
export type EntryResult =
  | { readonly result: 'created' | 'updated' | 'removed'; readonly id: string }
  | { readonly result: 'rejected'; readonly id: null; readonly code: string; readonly faults: readonly EntryFault[] };

/** A contribution that was read and found good. */
export interface Prepared extends Contribution {
  readonly source: number;
  readonly subject: Extract<ReturnType<typeof entryTokens>, { ok: true }>['subject'];
}

/** What stands already of an entry that is contributed. */
interface Standing {
  readonly own: readonly PackedMembership[];
  readonly refs: readonly { readonly id: string; readonly group: string | null }[];
}

/**
 * Contributes entries; the results stand in the order of the entries. Details are written before the index: a crash in
 * between leaves an entry that is not found yet, or under some of its forms only, and the same contribution again
 * completes it. Every step may be repeated.
 * @param options.keepDetails writes a document also for entries that say no more than the index holds, so that they can
 * be read by id
 */
export async function upsertEntries(
  parts: StoreParts,
  inputs: readonly ListEntryInput[],
  options: { readonly contributor: Contributor; readonly keepDetails?: boolean },
): Promise<EntryResult[]> {
  const results: EntryResult[] = new Array(inputs.length);
  const prepared = new Map<number, Prepared>();
  for (const [at, input] of inputs.entries()) {
    const one = await prepare(parts, input, options.contributor);
    if ('faults' in one) results[at] = rejected(one.faults);
    else prepared.set(at, one);
  }
  for (const wave of wavesOf(withJointTokens(parts, prepared))) {
    const answered = await contribute(parts, [...wave.values()], options.keepDetails === true);
    [...wave.keys()].forEach((at, place) => {
      const answer = answered[place];
      if (answer) results[at] = answer;
    });
  }
  return results;
}

export function rejected(faults: readonly EntryFault[]): EntryResult {
  return { result: 'rejected', id: null, code: faults[0]?.code ?? 'invalid', faults };
}

/** A form that was given as a hash cannot change what stands under the person's other forms. */
export const PLAIN_NEEDED: EntryFault = {
  pointer: '/subject',
  code: 'plain_needed',
  message: 'is known in plain, under every form; give it in plain to change it under all of them',
};

async function prepare(
  parts: StoreParts,
  input: ListEntryInput,
  contributor: Contributor,
): Promise<Prepared | { readonly faults: readonly EntryFault[] }> {
  const checked = checkEntry(input, dayOf(parts.clock.nowMs()));
  if (!checked.ok) return checked;
  const tokens = entryTokens(parts.tokenizer, parts.forms, input.subject);
  if (!tokens.ok) return tokens;
  const source = { scope: input.scope, contributor };
  const { kind, isPlain, subject } = tokens;
  const id = entryIdOf(source, input.list, kind, tokens.anchor);
  const number = await parts.sources.intern(source);
  const { expiresDay } = checked;
  return { id, kind, isPlain, tokens: tokens.tokens, input, contributor, expiresDay, source: number, subject };
}

/** Phone and id number of one person in plain, in one request and group: found by their joint hash too. */
function withJointTokens(parts: StoreParts, prepared: ReadonlyMap<number, Prepared>): Map<number, Prepared> {
  const all = [...prepared.values()];
  const joint = (one: Prepared): readonly ListToken[] => {
    const { input, subject, kind, source } = one;
    if (kind !== 'id_number' || subject === null || input.group === undefined) return [];
    return all.flatMap((other) => {
      const isSamePerson = other.kind === 'phone' && other.input.group === input.group && other.source === source;
      if (!isSamePerson || other.input.list !== input.list || other.subject === null) return [];
      return phoneIdTokens(parts.tokenizer, parts.forms, other.subject, subject);
    });
  };
  return new Map([...prepared].map(([at, one]) => [at, { ...one, tokens: [...one.tokens, ...joint(one)] }]));
}

/** An entry that is given twice is contributed twice, one after the other: the later one stands. */
function wavesOf(prepared: ReadonlyMap<number, Prepared>): Map<number, Prepared>[] {
  const waves: Map<number, Prepared>[] = [];
  const seen = new Map<string, number>();
  for (const [at, one] of prepared) {
    const wave = seen.get(one.id) ?? 0;
    seen.set(one.id, wave + 1);
    waves[wave] ??= new Map();
    waves[wave]?.set(at, one);
  }
  return waves;
}

/** Contributes entries of which none is given twice. */
export async function contribute(
  parts: StoreParts,
  entries: readonly Prepared[],
  keepDetails: boolean,
): Promise<EntryResult[]> {
  const standing = await readStanding(parts, entries);
  const docs = await Promise.all(
    entries.map(async (entry, at) => {
      const before = standing[at] ?? { own: [], refs: [] };
      if (needsPlain(entry, before.own)) return 'refused' as const;
      const isDetailed = keepDetails || hasDetails(entry.input) || before.refs.length > 0;
      return isDetailed ? putDetails(parts, entry, before) : undefined;
    }),
  );
  const puts = entries.map((entry, at) => {
    const doc = docs[at];
    return doc === 'refused' ? [] : membershipsOf(entry, doc);
  });
  const letters = await parts.writer.put(puts.flat());
  let from = 0;
  const results = entries.map((entry, at): EntryResult => {
    const own = letters.slice(from, from + (puts[at]?.length ?? 0));
    from += own.length;
    const doc = docs[at];
    return resultOf(typeof doc === 'object' ? doc.id : entry.id, own);
  });
  await logChanges(parts, entries, results);
  return results;
}

async function readStanding(parts: StoreParts, entries: readonly Prepared[]): Promise<Standing[]> {
  return Promise.all(
    entries.map(async ({ tokens, input, source }) => {
      const read = await parts.index.read(tokens);
      const isOwn = (one: PackedMembership) => one.list === input.list && one.source === source;
      const own = read.flatMap((memberships) => memberships.filter(isOwn));
      const detailed = tokens.filter((_, at) => read[at]?.some((one) => isOwn(one) && one.hasDetails));
      const refs = await parts.details.refs(refPlaces(detailed, input.list, source));
      const byId = new Map(refs.flatMap((ref) => (ref ? [[ref.id, ref] as const] : [])));
      return { own, refs: [...byId.values()] };
    }),
  );
}

function needsPlain({ isPlain, input, expiresDay }: Prepared, own: readonly PackedMembership[]): boolean {
  const [known] = own;
  if (isPlain || !known?.isPlain) return false;
  const saysTheSame =
    known.expiresDay === expiresDay &&
    (input.list === 'customer' ? known.status === input.status : known.reason === input.reason);
  return !saysTheSame || hasDetails(input);
}

/** Document, references, group; then documents under another id, of the same entry when it was known by a hash alone. */
async function putDetails(parts: StoreParts, entry: Prepared, before: Standing): Promise<EntryDoc | undefined> {
  const { details, clock } = parts;
  const { input, contributor, source, id } = entry;
  const nowMs = clock.nowMs();
  const group = input.group === undefined ? null : groupHash(contributor, input.group);
  const isSuspended = group !== null && (await details.isSuspended(group));
  // The same thing said again as a hash must not make a person who is known in plain known by that hash alone.
  if (!entry.isPlain && before.own[0]?.isPlain) return details.get(before.refs[0]?.id ?? id);
  const doc = await details.change(id, nowMs, (stored) => contributedDoc(stored, entry, isSuspended, isoOf(nowMs)));
  if (doc === undefined) return undefined;
  const ref = { id, group, retry_at: input.retry_at ?? null };
  await details.putRefs(refPlaces(doc.tokens, input.list, source), ref);
  if (group !== null) await details.joinGroup(group, { id, tokens: doc.tokens }, doc.expires_on);
  for (const old of before.refs) {
    if (old.group !== null && (old.id !== id || old.group !== group)) await details.leaveGroup(old.group, old.id);
    if (old.id === id) continue;
    const step = { at: isoOf(nowMs), what: 'superseded' as const, by: contributor, note: id };
    await details.change(old.id, nowMs, (stored) => stored && docInState(stored, 'withdrawn', step));
  }
  return doc;
}

function membershipsOf(entry: Prepared, doc: EntryDoc | undefined): MembershipToPut[] {
  const { input, source, isPlain, expiresDay } = entry;
  const membership = {
    list: input.list,
    source,
    reason: input.reason,
    status: input.status ?? null,
    isPlain,
    hasDetails: doc !== undefined,
    hasGroup: doc !== undefined && doc.group !== null,
    isSuspended: doc?.state === 'suspended',
    expiresDay,
  };
  const tokens = isPlain ? (doc?.tokens ?? entry.tokens) : entry.tokens;
  return tokens.map((token) => ({ token, membership }));
}

function resultOf(id: string, letters: readonly IndexLetter[]): EntryResult {
  if (letters.length === 0 || letters.includes('p')) return rejected([PLAIN_NEEDED]);
  return { result: letters.every((letter) => letter === 'c') ? 'created' : 'updated', id };
}

async function logChanges(
  { feed, clock }: StoreParts,
  entries: readonly Prepared[],
  results: readonly EntryResult[],
): Promise<void> {
  const at = isoOf(clock.nowMs());
  const changes = entries.flatMap(({ input, kind, id }, place) => {
    const result = results[place]?.result;
    if (result !== 'created' && result !== 'updated') return [];
    return [{ change: result, id, list: input.list, scope: input.scope, kind, at }];
  });
  const [first] = entries;
  if (first) await feed.log(first.contributor, changes);
}
