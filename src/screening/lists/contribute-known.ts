import type { Contributor, ListToken } from './entry.ts';
import { checkExpiry, dayOf } from './entry-rules.ts';
import type { ListEntryInput } from './entry-schema.ts';
import type { StoreParts } from './store-parts.ts';
import { contribute, type EntryResult, type Prepared } from './upsert-entries.ts';

/** An entry about somebody who is known here by tokens alone. */
export interface KnownEntry {
  /** By `entryIdOf`: the same as if the person were given again. */
  readonly id: string;
  readonly kind: ListToken['kind'];
  /** Whether these are the tokens of a person in plain: every form. */
  readonly isPlain: boolean;
  readonly tokens: readonly ListToken[];
  readonly input: Omit<ListEntryInput, 'subject'>;
}

/**
 * Contributes entries about people whose identifiers were seen before and are not at hand now: what a rule of ours finds,
 * and corrections. No entry may be given twice. Those that would have expired already are left out.
 * @returns one result for each entry that was contributed
 */
export async function contributeKnown(
  parts: StoreParts,
  entries: readonly KnownEntry[],
  contributor: Contributor,
): Promise<EntryResult[]> {
  const today = dayOf(parts.clock.nowMs());
  const prepared: Prepared[] = [];
  for (const { id, kind, isPlain, tokens, input } of entries) {
    const { day, fault } = checkExpiry(kind, input.expires_on ?? null, today);
    if (fault?.code === 'expires_in_past') continue;
    const source = await parts.sources.intern({ scope: input.scope, contributor });
    prepared.push({ id, kind, isPlain, tokens, input, contributor, expiresDay: day, source, subject: null });
  }
  return prepared.length === 0 ? [] : contribute(parts, prepared, true);
}
