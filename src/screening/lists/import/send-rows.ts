import { isoOf } from '../../../base/clock.ts';
import { mapBounded } from '../../../base/map-bounded.ts';
import type { Token } from '../../../identity/token.ts';
import { groupHash } from '../detail-store.ts';
import type { ListToken } from '../entry.ts';
import { contributedDoc } from '../entry-doc.ts';
import { checkExpiry, dayOfDate, textFault } from '../entry-rules.ts';
import type { PackedMembership } from '../membership.ts';
import { entryIdOf, refPlaces, type StoreParts } from '../store-parts.ts';
import { anchorOf, familiesOf, identifyRow, type RowIdentity } from './identify-row.ts';
import type { ImportOptions } from './import-options.ts';
import type { ListRow, ParsedRows, RowFault } from './parse-rows.ts';
import type { RowBatch } from './row-batch.ts';

/** What is the same for all rows of an import. */
export interface RowContext {
  readonly parts: StoreParts;
  readonly identity: RowIdentity;
  readonly entry: Pick<ImportOptions, 'list' | 'scope' | 'reason' | 'status' | 'contributor' | 'expiresOn'> & {
    readonly source: number;
  };
  readonly today: number;
  /** What the import's receipts are kept under. */
  readonly receipts: string;
  /** Buckets to grow each table to in advance. */
  readonly buckets: number;
}

/** The rows of a batch that can be entered, and those that cannot. */
export interface PackedRows {
  readonly accepted: readonly ListRow[];
  readonly faults: readonly RowFault[];
  /** Rows with a note, which need a document: their place among the accepted, tokens and last day. */
  readonly noted: readonly NotedRow[];
  /** Lines of the file up to the end of the batch. */
  readonly lines: number;
}

interface NotedRow {
  readonly row: ListRow;
  readonly anchor: Token;
  readonly tokens: readonly ListToken[];
  readonly expiresDay: number | null;
}

export interface SentRows {
  readonly created: number;
  readonly updated: number;
  readonly faults: readonly RowFault[];
}

/** Documents that are written at the same time. */
const DOCUMENTS_AT_ONCE = 64;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

const [CREATED, UPDATED, REFUSED] = [0, 1, 2];

/** Reads, checks and hashes the rows of a batch and packs them by table. */
export function packRows(context: RowContext, parsed: ParsedRows, lines: number, batch: RowBatch): PackedRows {
  const { identity, entry } = context;
  const faults = [...parsed.faults];
  const accepted: ListRow[] = [];
  const noted: NotedRow[] = [];
  const usual = expiryOf(context, entry.expiresOn);
  const membership = { ...membershipOf(context), expiresDay: usual.day };
  for (const row of parsed.rows) {
    const expiry = row.expiresOn === null ? usual : expiryOf(context, row.expiresOn);
    const identified = identifyRow(identity, row.value);
    const fault = !identified.ok ? identified : (expiry.fault ?? noteFault(row.note));
    if (!identified.ok || fault) {
      faults.push({ line: row.line, code: fault?.code ?? '', message: fault?.message ?? '', value: row.value });
      continue;
    }
    const isOwn = row.expiresOn !== null || row.note !== null;
    const own = isOwn ? { ...membership, expiresDay: expiry.day, hasDetails: row.note !== null } : membership;
    batch.add(accepted.length, identified.tokens, own);
    if (row.note !== null) {
      const tokens = familiesOf(identity).map((family, at) => ({ ...family, token: identified.tokens[at] ?? '' }));
      noted.push({ row, anchor: anchorOf(identity, identified), tokens, expiresDay: expiry.day });
    }
    accepted.push(row);
  }
  return { accepted, faults: faults.sort((a, b) => a.line - b.line), noted, lines };
}

/** Enters a batch: documents first, then the index. The same batch again answers the same. */
export async function sendRows(
  context: RowContext,
  { accepted, faults, noted }: PackedRows,
  batch: RowBatch,
  number: number,
): Promise<SentRows> {
  const { parts, receipts: importId, buckets } = context;
  await mapBounded(noted, DOCUMENTS_AT_ONCE, (one) => putDocument(context, one));
  const outcomes = new Uint8Array(accepted.length);
  await Promise.all(
    batch.tables().map(async ({ family, shard, records, rows }) => {
      const letters = await parts.writer.putPacked(family, shard, records, { importId, batch: number, buckets });
      for (let at = 0; at < rows.length; at += 1) {
        const outcome = outcomeOf(letters.charCodeAt(at));
        const row = rows[at] ?? 0;
        if (outcome > (outcomes[row] ?? 0)) outcomes[row] = outcome;
      }
    }),
  );
  return tally(accepted, faults, outcomes);
}

function tally(accepted: readonly ListRow[], faults: readonly RowFault[], outcomes: Uint8Array): SentRows {
  const refused: RowFault[] = [];
  let [created, updated] = [0, 0];
  outcomes.forEach((outcome, at) => {
    if (outcome === CREATED) created += 1;
    else if (outcome === UPDATED) updated += 1;
    else refused.push({ ...PLAIN_NEEDED, line: accepted[at]?.line ?? 0, value: accepted[at]?.value ?? '' });
  });
  const all = refused.length === 0 ? faults : [...faults, ...refused].sort((a, b) => a.line - b.line);
  return { created, updated, faults: all };
}

const PLAIN_NEEDED = {
  code: 'plain_needed',
  message: 'is known in plain, under every form; import it in plain to change it under all of them',
};

const LETTER_CREATED = 'c'.charCodeAt(0);
const LETTER_REFUSED = 'p'.charCodeAt(0);

function outcomeOf(letter: number): number {
  if (letter === LETTER_CREATED) return CREATED;
  return letter === LETTER_REFUSED ? REFUSED : UPDATED;
}

function membershipOf({ entry, identity }: RowContext): PackedMembership {
  return {
    list: entry.list,
    source: entry.source,
    reason: entry.reason,
    status: entry.status,
    isPlain: identity.form === 'plain',
    hasDetails: false,
    hasGroup: false,
    isSuspended: false,
    expiresDay: null,
  };
}

function expiryOf(
  { identity, today }: RowContext,
  expiresOn: string | null,
): { readonly day: number | null; readonly fault?: { readonly code: string; readonly message: string } } {
  if (expiresOn !== null && (!DATE.test(expiresOn) || Number.isNaN(dayOfDate(expiresOn)))) {
    return { day: null, fault: { code: 'expires_malformed', message: 'expires_on must be YYYY-MM-DD' } };
  }
  return checkExpiry(identity.kind, expiresOn, today);
}

function noteFault(note: string | null): { readonly code: string; readonly message: string } | undefined {
  return note === null ? undefined : textFault('/note', note);
}

/** A note makes the row a contribution with details: it takes the place of what was said before. */
async function putDocument({ parts, entry, identity }: RowContext, noted: NotedRow): Promise<void> {
  const { list, scope, reason, contributor, source } = entry;
  const { kind, form } = identity;
  const id = entryIdOf({ scope, contributor }, list, kind, noted.anchor);
  const nowMs = parts.clock.nowMs();
  const input = { list, scope, reason, status: entry.status ?? undefined, note: noted.row.note ?? undefined };
  const isPlain = form === 'plain';
  const given = { id, kind, isPlain, tokens: noted.tokens, input, contributor, expiresDay: noted.expiresDay };
  let left: string | null = null;
  await parts.details.change(id, nowMs, (stored) => {
    left = stored?.group ?? null;
    return contributedDoc(stored, given, false, isoOf(nowMs));
  });
  if (left !== null) await parts.details.leaveGroup(groupHash(contributor, left), id);
  await parts.details.putRefs(refPlaces(noted.tokens, list, source), { id, group: null, retry_at: null });
}
