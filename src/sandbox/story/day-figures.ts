import { dayOf } from '../../applications/lifecycle/calendar-days.ts';
import type { SandboxBook } from './book.ts';
import type { Step } from './teller.ts';

/** Something that is counted a day and product. Amounts in minor units. */
export type FigureName =
  | 'applications'
  | 'granted.count'
  | 'granted.amount'
  | 'disbursed.count'
  | 'disbursed.principal'
  | 'paid.count'
  | 'paid.principal'
  | 'paid.interest'
  | 'paid.fees'
  | 'paid.penalty'
  | 'outstanding.count'
  | 'outstanding.principal';

/** A figure of a day's totals, and what it grows by. */
export interface Figure {
  /** `<day>|<product>|<name>` */
  readonly field: string;
  readonly by: number;
}

type Amounts = Readonly<Record<string, unknown>>;

/** One figure of the day on which something happened, in the product's time zone. */
export function countedOn(book: Pick<SandboxBook, 'product'>, atMs: number, name: FigureName, by: number): Figure {
  return { field: `${dayOf(atMs, book.product.timezone)}|${book.product.id}|${name}`, by };
}

/**
 * What one step adds to its day. A payment counts on the day on which it was made; one that does not hold is taken off the
 * day on which it came back.
 * @param steps all of the story, for what a step refers to
 */
export function figuresOf(book: SandboxBook, step: Step, steps: readonly Step[]): Figure[] {
  const changes = Object.entries(changesBy(step, steps)).filter(([, by]) => by !== 0);
  if (changes.length === 0) return [];
  const day = dayOf(step.dueMs, book.product.timezone);
  return changes.map(([name, by]) => ({ field: `${day}|${book.product.id}|${name}`, by }));
}

function changesBy({ event, dueMs }: Step, steps: readonly Step[]): Partial<Record<FigureName, number>> {
  const { data } = event;
  switch (event.type) {
    case 'credit.granted':
      return { 'granted.count': 1, 'granted.amount': amountIn(data, 'amount') };
    case 'loan.disbursed': {
      const principal = amountIn(data, 'principal');
      return {
        'disbursed.count': 1,
        'disbursed.principal': principal,
        'outstanding.count': 1,
        'outstanding.principal': principal,
      };
    }
    case 'installment.paid':
      return payment(data, 1);
    case 'loan.settled':
      return { 'outstanding.count': -1 };
    case 'loan.cancelled': {
      const disbursed = steps.find((other) => isOfLoan(other, event) && other.event.type === 'loan.disbursed');
      if (!disbursed) return {};
      return { 'outstanding.count': -1, 'outstanding.principal': -amountIn(disbursed.event.data, 'principal') };
    }
    case 'installment.reversed': {
      const paid = steps.find(({ event: { type, data } }) => {
        return type === 'installment.paid' && data.payment_ref === event.data.payment_ref;
      });
      const before = steps.filter((other) => isOfLoan(other, event) && other.dueMs < dueMs);
      const last = before.findLast(({ event: { type } }) => ENDS.has(type));
      return {
        ...(paid ? payment(paid.event.data, -1) : {}),
        'outstanding.count': last?.event.type === 'loan.settled' ? 1 : 0,
      };
    }
    default:
      return {};
  }
}

const ENDS: ReadonlySet<string> = new Set(['loan.settled', 'installment.reversed']);

function payment(data: Amounts, sign: 1 | -1): Partial<Record<FigureName, number>> {
  const principal = amountIn(data, 'principal');
  const fees = Array.isArray(data.fees) ? (data.fees as Amounts[]) : [];
  return {
    'paid.count': sign,
    'paid.principal': sign * principal,
    'paid.interest': sign * amountIn(data, 'interest'),
    'paid.fees': sign * fees.reduce((sum, fee) => sum + amountIn(fee, 'amount'), 0),
    'paid.penalty': sign * amountIn(data, 'penalty'),
    'outstanding.principal': -sign * principal,
  };
}

function isOfLoan({ event }: Step, other: Step['event']): boolean {
  return other.loan_id === undefined ? event.lender_ref === other.lender_ref : event.loan_id === other.loan_id;
}

function amountIn(data: Amounts, name: string): number {
  const value = data[name];
  const amount = typeof value === 'object' && value !== null && 'amount' in value ? value.amount : 0;
  return typeof amount === 'number' ? amount : 0;
}
