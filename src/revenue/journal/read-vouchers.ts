import { localDate } from '../calendar.ts';
import type { LedgerEntry } from '../ledger-entry.ts';
import type { LedgerReader } from '../ledger-reader.ts';
import type { PeriodStore } from '../period-store.ts';
import type { StatedPayment } from '../settlement/settlement.ts';
import type { Statement } from '../statement.ts';
import { summariseLines } from '../summarise-lines.ts';
import { paymentVoucher, statementVoucher, type Voucher } from './voucher.ts';

export interface JournalDeps {
  readonly store: LedgerReader;
  readonly periods: PeriodStore;
}

/**
 * The vouchers of a counterparty's locked periods, by contract and period: one of the statement, one of each payment that
 * the period counts. Nothing is added to a locked period, so the same again gives the same vouchers.
 * @param period a month (`2026-01`): every period that ends in it; or the first day of one (`2026-01-16`)
 */
export async function* readVouchers(deps: JournalDeps, partyId: string, period: string): AsyncGenerator<Voucher> {
  const { store, periods } = deps;
  const statements = (await periods.statements(partyId)).filter((one) => one.status !== 'draft' && lies(one, period));
  statements.sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
  const payments = await store.records<StatedPayment>(partyId, 'payments');
  for (const statement of statements) {
    const basis = { partyId, statement };
    const dateOf = (ms: number) => localDate(ms, statement.period.timezone);
    const lock = await store.entryOf(partyId, statement.id);
    if (lock === undefined) throw new RangeError(`no entry locked ${statement.id}: run sluice ledger check`);
    const lines = store.linesOfPeriod(partyId, statement.contract, statement.period.id);
    const stated = statementVoucher(basis, lock, await summariseLines(lines), dateOf);
    if (stated !== null) yield stated;
    const own = payments.filter((one) => one.contract === statement.contract && one.period === statement.period.id);
    for (const [index, payment] of (await entriesOf(store, partyId, own)).entries()) {
      const paid = paymentVoucher(basis, payment, index + 1, dateOf);
      if (paid !== null) yield paid;
    }
  }
}

/** Periods of the same time that are not locked: what lies in them is in no voucher yet. As `contract period`. */
export async function openPeriodsOf({ periods }: JournalDeps, partyId: string, period: string): Promise<string[]> {
  const records = await periods.records(partyId);
  const isOpen = ({ state }: (typeof records)[number]) => state === 'open' || state === 'review';
  return records
    .filter((record) => isOpen(record) && record.id.startsWith(period))
    .map(({ contract, id, state }) => `${contract} ${id} is ${state === 'open' ? 'open' : 'in review'}`);
}

function lies({ period }: Statement, wanted: string): boolean {
  const lastDay = localDate(Date.parse(period.to) - 1, period.timezone);
  return wanted.length === 'YYYY-MM'.length ? lastDay.startsWith(wanted) : period.id === wanted;
}

function orderOf({ contract, period }: Statement): string {
  return `${contract}|${period.id}`;
}

/** Entries of payments in the order of the chain. */
async function entriesOf(
  store: LedgerReader,
  partyId: string,
  payments: readonly StatedPayment[],
): Promise<LedgerEntry[]> {
  const entries: LedgerEntry[] = [];
  for (const { id } of payments) {
    const entry = await store.entryOf(partyId, id);
    if (entry === undefined) throw new RangeError(`no entry booked ${id}: run sluice ledger check`);
    entries.push(entry);
  }
  return entries.sort((a, b) => a.seq - b.seq);
}
