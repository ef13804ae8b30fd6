import type { PartnerEvent } from '../../registry/schema/event-names.ts';

type Data = Readonly<Record<string, unknown>>;

/** What of an event's data partners are told, by name. */
interface Told {
  /** Told as it is: references, dates, counts, reasons that are free of identities when they are written. */
  readonly plain?: readonly string[];
  /** Minor units of the event's `currency`, told as money. */
  readonly money?: readonly string[];
}

/**
 * The list of what is told; everything else of an event's data stays inside. Why somebody was refused is not in it, since how
 * much of that a partner may know is decided when it asks. Nor is anything of the schedule: it is read at the loan.
 */
const TOLD: Readonly<Partial<Record<PartnerEvent, Told>>> = {
  'application.submitted': { plain: ['lender_ref'] },
  'application.cancelled': { plain: ['reason'] },
  'action.required': { plain: ['loan_id'] },
  'credit.granted': { plain: ['apr', 'expires_at'], money: ['amount'] },
  'credit.updated': { plain: ['reason', 'status', 'apr', 'expires_at'], money: ['amount'] },
  'credit.declined': { plain: ['reason', 'retry_at'] },
  'loan.requested': { plain: ['term', 'term_unit', 'requested_at'], money: ['amount'] },
  'loan.in_review': { plain: ['reason', 'retry_at'] },
  'loan.declined': { plain: ['reason', 'retry_at'] },
  'loan.paying_out': { plain: ['reason', 'retry_at'] },
  'loan.payout_failed': { plain: ['reason', 'retry_at'] },
  'loan.disbursed': { plain: ['term', 'term_unit', 'disbursed_at'], money: ['principal', 'received'] },
  'loan.schedule_updated': { plain: ['reason'] },
  'loan.overdue': { plain: ['no', 'days_past_due'], money: ['amount_overdue'] },
  'loan.settled': { plain: ['settled_at', 'early'] },
  'loan.written_off': { plain: ['written_off_at'] },
  'loan.cancelled': { plain: ['reason', 'within_cooling_off'] },
  'installment.paid': { plain: ['no', 'payment_ref', 'payer', 'paid_at'], money: ['principal', 'interest'] },
  'installment.reversed': { plain: ['payment_ref', 'reason'] },
  'repayment.succeeded': { plain: ['repayment_id', 'partner_ref', 'payment_refs'], money: ['amount'] },
  'repayment.failed': { plain: ['repayment_id', 'partner_ref', 'no', 'reason'] },
  'product.updated': { plain: ['changed', 'revision'] },
};

/** What an event of the log tells its partner by itself; undefined where that is nothing. */
export function eventFacts(type: PartnerEvent, data: Data): Data | undefined {
  const { plain = [], money = [] } = TOLD[type] ?? {};
  const facts: Record<string, unknown> = {};
  for (const name of plain) if (isGiven(data[name])) facts[name] = data[name];
  for (const name of money) {
    const amount = data[name];
    if (typeof amount === 'number') facts[name] = { amount, currency: data.currency };
  }
  if (type === 'installment.paid') facts.fees = feesOf(data);
  return Object.keys(facts).length === 0 ? undefined : facts;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function feesOf({ fees, currency }: Data): readonly unknown[] {
  if (!Array.isArray(fees)) return [];
  return fees.map(({ kind, payee, amount }) => ({ kind, payee, amount: { amount, currency } }));
}
