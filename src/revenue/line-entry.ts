import type { CommissionLine } from './commission-line.ts';
import type { LedgerEntry } from './ledger-entry.ts';

/** Facts of a line that never change after it is booked: the entry repeats them, so the chain covers them. */
const COVERED = [
  'terms_id',
  'rule',
  'on',
  'application_id',
  'loan_id',
  'partner_ref',
  'lender_ref',
  'payment_ref',
  'link_code',
  'partner_id',
  'product_id',
  'lender_id',
  'funder_id',
  'base',
  'rate',
  'occurred_at',
  'hold_until',
  'reverses',
  'why',
] as const satisfies readonly (keyof CommissionLine)[];

/** In the order of the entry's canonical form, which then is made as quickly as can be. */
const REF_NAMES = [...COVERED, 'event', 'original_period', 'pending_period', 'void_reason'].sort() as readonly (
  | (typeof COVERED)[number]
  | 'event'
  | 'original_period'
  | 'pending_period'
  | 'void_reason'
)[];

/** `ref` of the entry that books a line. @param event id of the event, null for what no event called for */
export function entryRefOf(line: CommissionLine, event: string | null): LedgerEntry['ref'] {
  const ref: Record<string, string | number | null> = {};
  for (const name of REF_NAMES) {
    if (name === 'event') ref.event = event;
    // A reason that was there from the start (a cap) is covered; one that comes later has an entry of its own.
    else if (name === 'void_reason') ref.void_reason = line.reason;
    else ref[name] = line[name];
  }
  return ref;
}

/** Where a line lies beside its period: every entry that books or moves it says so. */
export function placesOf({ original_period, pending_period }: CommissionLine) {
  return { original_period, pending_period };
}

/** Names of the facts in which a stored line differs from the entry that booked it. */
export function differencesFromEntry(line: CommissionLine, entry: LedgerEntry): string[] {
  const differing: string[] = COVERED.filter((name) => line[name] !== entry.ref[name]);
  if (line.kind !== entry.kind) differing.push('kind');
  if (line.contract !== entry.contract) differing.push('contract');
  if (line.currency !== entry.currency) differing.push('currency');
  if (line.payable_at !== entry.effective_at) differing.push('payable_at');
  if (line.booked_at !== entry.at) differing.push('booked_at');
  return differing;
}
