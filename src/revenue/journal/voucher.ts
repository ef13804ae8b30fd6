import { funderOf, isFunder } from '../../base/ledger-party.ts';
import type { AccountName } from '../accounts.ts';
import { type LedgerEntry, transfersOf } from '../ledger-entry.ts';
import type { Statement } from '../statement.ts';
import { isAccrual } from '../statement-line.ts';
import type { RuleSum } from '../summarise-lines.ts';
import { type JournalAccount, journalAccount, type PartnerAccount } from './journal-account.ts';

/** One side of a voucher; exactly one of the two amounts is not 0. Minor units. */
export interface VoucherRow {
  readonly account: JournalAccount;
  readonly debit: bigint;
  readonly credit: bigint;
}

/** What an accounting system books at once; its debits are its credits. */
export interface Voucher {
  /** Stable: the same again has the same number. */
  readonly number: string;
  readonly kind: 'statement' | 'payment';
  /** Local day in the zone of the contract. */
  readonly date: string;
  /** Partner or funder. */
  readonly counterparty: string;
  readonly side: 'partner' | 'funder';
  /** Who pays: a legal entity of ours, or the funder. */
  readonly payer: string;
  readonly contract: string;
  readonly period: string;
  readonly currency: string;
  /** Statement, or the bank's reference. */
  readonly reference: string;
  /** Entry of the ledger that it comes from. */
  readonly ledger: { readonly seq: number; readonly hash: string };
  readonly rows: readonly VoucherRow[];
}

/** What all vouchers of a statement have in common. */
export interface VoucherBasis {
  readonly partyId: string;
  readonly statement: Statement;
}

/**
 * The voucher of a locked period: what was earned, taken back and put right, the change in what is held, tax and
 * withholding, against what is owed since. What was earned comes from the lines, everything else from the entry that locked.
 * @param sums of the lines of the statement
 * @returns null when nothing moved
 * @throws RangeError when lines and entry disagree: `sluice ledger check` says where
 */
export function statementVoucher(
  { partyId, statement }: VoucherBasis,
  lock: LedgerEntry,
  sums: readonly RuleSum[],
  dateOf: (ms: number) => string,
): Voucher | null {
  const moved = netByAccount(lock);
  const lines = sums.reduce((sum, { amount }) => sum + amount, 0n);
  if ((moved.get('payable') ?? 0n) !== -lines)
    throw new RangeError(`lines of ${statement.id} are not those of its lock`);
  const clawback = sumOf(sums, ({ kind }) => kind === 'clawback');
  const accruals = sumOf(sums, ({ kind }) => isAccrual(kind));
  const held = BigInt(statement.pending.closing) - BigInt(statement.pending.opening);
  const amounts: readonly (readonly [PartnerAccount, bigint])[] = [
    ['expense', accruals - (moved.get('expense') ?? 0n)],
    ['clawback', clawback],
    ['adjustment', lines - accruals - clawback],
    ['provision', held],
    ['tax', -(moved.get('tax') ?? 0n)],
    ['pending', -held],
    ['withheld', -(moved.get('withheld') ?? 0n)],
    ['stated', -(moved.get('stated') ?? 0n)],
  ];
  const number = `${partyId}/${statement.contract}/${statement.period.id}`;
  const date = dateOf(Date.parse(statement.period.to) - 1);
  return voucher({ partyId, statement }, { number, kind: 'statement', date, reference: statement.id }, lock, amounts);
}

/**
 * The voucher of a payment that a locked period counts.
 * @param no of the payment in its period, from 1, in the order of the ledger
 */
export function paymentVoucher(
  { partyId, statement }: VoucherBasis,
  payment: LedgerEntry,
  no: number,
  dateOf: (ms: number) => string,
): Voucher | null {
  const moved = netByAccount(payment);
  const amounts: readonly (readonly [PartnerAccount, bigint])[] = [
    ['stated', -(moved.get('stated') ?? 0n)],
    ['withheld', -(moved.get('withheld') ?? 0n)],
    ['paid', -(moved.get('paid') ?? 0n)],
  ];
  // Paid in a period that was closed already: it is booked on the first day of the one that counts it.
  const paidOn = dateOf(Date.parse(payment.effective_at));
  const date = paidOn < statement.period.id ? statement.period.id : paidOn;
  const number = `${partyId}/${statement.contract}/${statement.period.id}/P${no}`;
  const reference = String(payment.ref.reference ?? payment.id);
  return voucher({ partyId, statement }, { number, kind: 'payment', date, reference }, payment, amounts);
}

/** @param amounts debits positive, as they are for a partner; the other way round for a funder */
function voucher(
  { partyId, statement }: VoucherBasis,
  head: Pick<Voucher, 'number' | 'kind' | 'date' | 'reference'>,
  { seq, hash }: LedgerEntry,
  amounts: readonly (readonly [PartnerAccount, bigint])[],
): Voucher | null {
  const turned = isFunder(partyId);
  const rows = amounts.flatMap(([account, amount]): VoucherRow[] => {
    const debit = turned ? -amount : amount;
    if (debit === 0n) return [];
    const name = journalAccount(account, turned);
    return [{ account: name, debit: debit > 0n ? debit : 0n, credit: debit < 0n ? -debit : 0n }];
  });
  if (rows.length === 0) return null;
  const balance = rows.reduce((sum, { debit, credit }) => sum + debit - credit, 0n);
  if (balance !== 0n) throw new RangeError(`voucher ${head.number} is out of balance by ${balance}`);
  return {
    ...head,
    counterparty: funderOf(partyId) ?? partyId,
    side: turned ? 'funder' : 'partner',
    payer: statement.payer,
    contract: statement.contract,
    period: statement.period.id,
    currency: statement.currency,
    ledger: { seq, hash },
    rows,
  };
}

/** Σ to − Σ from by account, without contract and currency. */
function netByAccount(entry: LedgerEntry): ReadonlyMap<AccountName, bigint> {
  const net = new Map<AccountName, bigint>();
  const add = (account: string, amount: bigint) => {
    const name = account.slice(account.lastIndexOf('/') + 1) as AccountName;
    net.set(name, (net.get(name) ?? 0n) + amount);
  };
  for (const { from, to, amount } of transfersOf(entry)) {
    add(from, -amount);
    add(to, amount);
  }
  return net;
}

function sumOf(sums: readonly RuleSum[], isMeant: (sum: RuleSum) => boolean): bigint {
  return sums.filter(isMeant).reduce((sum, { amount }) => sum + amount, 0n);
}
