/** How a statement was agreed to. */
export interface Acceptance {
  readonly revision: number;
  /** `click`: by a person in the portal; `signature`: by a signed request; `silence`: nobody objected in time. */
  readonly how: 'click' | 'signature' | 'silence';
  /** Who agreed, as they name themselves; null for silence. */
  readonly name: string | null;
  /** RFC 3339. */
  readonly at: string;
}

/** An invoice for one statement, as its counterparty handed it in. Integers in minor units. */
export interface Invoice {
  /** As printed on it; unique for its counterparty. */
  readonly number: string;
  readonly kind: InvoiceKind;
  /** Local day. */
  readonly issued_on: string;
  /** Signed: a credit note (红字) is negative. */
  readonly net: number;
  /** Fraction. */
  readonly tax_rate: string;
  readonly tax: number;
  readonly gross: number;
  readonly received_at: string;
  /** `verified`: its figures are the statement's. `rejected`: an operator found it wrong. */
  readonly status: 'verified' | 'rejected';
  readonly reason: string | null;
}

/** VAT special and ordinary invoices (增值税专用发票, 普通发票), on paper or electronic; anything else is `other`. */
export const INVOICE_KINDS = ['vat_special', 'vat_ordinary', 'receipt', 'other'] as const;
export type InvoiceKind = (typeof INVOICE_KINDS)[number];

/** What became of a locked statement between the parties; money is found in payments. */
export interface Settlement {
  readonly statement_id: string;
  readonly acceptance: Acceptance | null;
  readonly invoices: readonly Invoice[];
}

/** Money that went out (`out`) or came back (`in`), and what it was for. Minor units. */
export interface StatedPayment {
  /** `pay_…` */
  readonly id: string;
  readonly contract: string;
  readonly currency: string;
  readonly direction: 'out' | 'in';
  /** > 0 */
  readonly amount: number;
  /** Went to the tax office instead, ≥ 0. */
  readonly withheld: number;
  readonly paid_at: string;
  readonly reference: string;
  /** Statements that it was meant for; what is left pays the oldest, then stands to the counterparty's credit. */
  readonly allocations: readonly { readonly statement_id: string; readonly amount: number }[];
  /** Period that it is counted in. */
  readonly period: string;
  readonly booked_at: string;
  /** Name of the operator. */
  readonly by: string;
}

export function noSettlement(statementId: string): Settlement {
  return { statement_id: statementId, acceptance: null, invoices: [] };
}

/** The invoice that stands for a statement; one that was rejected does not. */
export function standingInvoice({ invoices }: Pick<Settlement, 'invoices'>): Invoice | undefined {
  return invoices.find(({ status }) => status === 'verified');
}
