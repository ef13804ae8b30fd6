import { isoOf } from '../../base/clock.ts';
import { Rational } from '../../base/rational.ts';
import { LedgerBatch } from '../ledger-batch.ts';
import type { LedgerStore } from '../ledger-store.ts';
import type { Statement } from '../statement.ts';
import type { ContractTerms } from '../terms.ts';
import { readStanding, type Standing } from './read-standing.ts';
import { type Invoice, standingInvoice } from './settlement.ts';

export type InvoiceWish = Pick<Invoice, 'number' | 'kind' | 'issued_on' | 'net' | 'tax_rate' | 'tax' | 'gross'>;

/** What is wrong with an invoice, by its field. */
export interface InvoiceFault {
  readonly field: keyof InvoiceWish;
  readonly message: string;
}

export type InvoiceOutcome =
  | { readonly result: 'verified' | 'exists'; readonly invoice: Invoice }
  | { readonly result: 'unknown' }
  /** Only what was accepted is invoiced. */
  | { readonly result: 'not_accepted'; readonly status: string }
  | { readonly result: 'another_stands'; readonly number: string }
  | { readonly result: 'number_used'; readonly statementId: string }
  | { readonly result: 'faults'; readonly faults: readonly InvoiceFault[] };

/**
 * Takes an invoice for a statement, and holds its figures against the statement to the minor unit.
 * @param termsOf the version that governs the statement's period
 * @param nowMs business time
 */
export function handInInvoice(
  store: LedgerStore,
  partnerId: string,
  statementId: string,
  wish: InvoiceWish,
  { termsOf, nowMs }: { readonly termsOf: (statement: Statement) => ContractTerms; readonly nowMs: number },
): Promise<InvoiceOutcome> {
  return store.transact<InvoiceOutcome>(partnerId, async () => {
    const basis = await store.readBook(partnerId);
    const standing = await readStanding(store, partnerId);
    const found = standing.byId.get(statementId);
    const nothing = (result: InvoiceOutcome) => ({ batch: null, result });
    if (found === undefined) return nothing({ result: 'unknown' });
    const { statement, settlement, status } = found;
    const other = standing.statements.find(
      (one) =>
        one.statement.id !== statementId &&
        one.settlement.invoices.some((invoice) => invoice.number === wish.number && invoice.status === 'verified'),
    );
    if (other !== undefined) return nothing({ result: 'number_used', statementId: other.statement.id });
    const standingOne = standingInvoice(settlement);
    if (standingOne !== undefined) {
      if (sameFigures(standingOne, wish)) return nothing({ result: 'exists', invoice: standingOne });
      return nothing({ result: 'another_stands', number: standingOne.number });
    }
    if (settlement.acceptance === null) return nothing({ result: 'not_accepted', status });
    const faults = invoiceFaults(wish, invoicedTogether(standing, statement), termsOf(statement));
    if (faults.length > 0) return nothing({ result: 'faults', faults });
    const invoice: Invoice = { ...wish, received_at: isoOf(nowMs), status: 'verified', reason: null };
    const batch = new LedgerBatch(basis, nowMs);
    batch.setSettlement({ ...settlement, invoices: [...settlement.invoices, invoice] });
    return { batch, result: { result: 'verified', invoice } };
  });
}

/** A statement with those that were carried into it: one invoice is for all of them. Oldest first. */
function invoicedTogether({ statements }: Standing, { id, contract }: Statement): Statement[] {
  const own = statements.map(({ statement }) => statement).filter((one) => one.contract === contract);
  const at = own.findIndex((one) => one.id === id);
  let first = at;
  while (own[first - 1]?.status === 'carried') first -= 1;
  return own.slice(first, at + 1);
}

/** An operator finds an invoice wrong: another may be handed in. @returns whether there was one that stood */
export function rejectInvoice(
  store: LedgerStore,
  partnerId: string,
  statementId: string,
  { number, reason }: { readonly number: string; readonly reason: string },
  nowMs: number,
): Promise<boolean> {
  return store.transact<boolean>(partnerId, async () => {
    const basis = await store.readBook(partnerId);
    const found = (await readStanding(store, partnerId)).byId.get(statementId);
    const invoice = found?.settlement.invoices.find((one) => one.number === number && one.status === 'verified');
    if (found === undefined || invoice === undefined) return { batch: null, result: false };
    const { settlement } = found;
    const invoices = settlement.invoices.map((one) =>
      one === invoice ? ({ ...one, status: 'rejected', reason } as const) : one,
    );
    const batch = new LedgerBatch(basis, nowMs);
    batch.setSettlement({ ...settlement, invoices });
    return { batch, result: true };
  });
}

/**
 * Where the figures of an invoice are not those of its statements: net and tax as on them (the tax that their lines contain,
 * where they do), their sum, the rate of the terms.
 */
export function invoiceFaults(
  wish: InvoiceWish,
  statements: readonly Pick<Statement, 'accruals' | 'adjustments' | 'tax' | 'tax_included'>[],
  terms: Pick<ContractTerms, 'tax'>,
): InvoiceFault[] {
  const sum = (of: (one: (typeof statements)[number]) => number): bigint =>
    statements.reduce((total, one) => total + BigInt(of(one)), 0n);
  const included = sum(({ tax_included }) => tax_included);
  const net = sum(({ accruals, adjustments }) => accruals + adjustments) - included;
  const tax = sum((one) => one.tax) + included;
  const isRate = Rational.parse(wish.tax_rate).compare(Rational.parse(terms.tax.rate)) === 0;
  const wrong: (InvoiceFault | null)[] = [
    BigInt(wish.net) === net ? null : fault('net', `is ${wish.net}, the statement's net is ${net}`),
    BigInt(wish.tax) === tax ? null : fault('tax', `is ${wish.tax}, the statement's tax is ${tax}`),
    BigInt(wish.gross) === BigInt(wish.net) + BigInt(wish.tax) ? null : fault('gross', 'is not net + tax'),
    isRate ? null : fault('tax_rate', `is ${wish.tax_rate}, the contract's rate is ${terms.tax.rate}`),
  ];
  return wrong.filter((one) => one !== null);
}

function fault(field: InvoiceFault['field'], message: string): InvoiceFault {
  return { field, message };
}

function sameFigures(a: InvoiceWish, b: InvoiceWish): boolean {
  const keys = ['number', 'kind', 'issued_on', 'net', 'tax', 'gross'] as const;
  return keys.every((key) => a[key] === b[key]);
}
