import { applyLenderEvent } from '../../src/applications/lifecycle/apply-lender-event.ts';
import { parseLenderEvent } from '../../src/applications/lifecycle/lender-event.ts';
import type { Application } from '../../src/applications/model.ts';
import { isoOf } from '../../src/base/clock.ts';
import type { BookInput, SandboxBook, Told } from '../../src/sandbox/story/book.ts';
import { BookPlay } from '../../src/sandbox/story/book-play.ts';
import { drawsByItself, type Scenario } from '../../src/sandbox/story/scenario.ts';
import { transmissionsOf } from '../../src/sandbox/story/transmissions.ts';
import { sampleApplication, sampleLoan } from './sample-application.ts';
import { sampleLender } from './sample-lender.ts';

export const BOOK_START = Date.parse('2026-03-02T04:05:06.000Z');

export const SCENARIO_OF: Readonly<Record<string, Scenario>> = {
  '0000': 'repays_on_time',
  '0001': 'declined',
  '0002': 'needs_input',
  '0003': 'stays_in_review',
  '0004': 'payout_fails',
  '0005': 'first_payment_default',
  '0006': 'cooling_off',
  '0007': 'settles_early',
  '0008': 'slow_core',
  '0009': 'disordered_events',
  '0010': 'draws_by_itself',
  '0011': 'asks_for_otp',
  '0012': 'drawdown_declined',
  '0013': 'debit_fails',
  '0014': 'guarantor_pays',
  '0015': 'payout_returned',
  '0016': 'payment_reversed',
  '0017': 'settles_on_day_ten',
  '0018': 'limit_raised',
  '0019': 'existing_customer',
};

/** Quick-cash, or another shape of it. */
export function bookProduct(shape: Record<string, unknown> = {}) {
  const [plain] = sampleLender().products;
  const [product] = sampleLender({ products: [{ ...plain, ...shape }] }).products;
  if (!product) throw new Error('no product');
  return product;
}

/** The book of an applicant who has just come: 5 000 over the product's first term. */
export function sampleBook(scenario: Scenario, change: Partial<SandboxBook> = {}): SandboxBook {
  const product = change.product ?? bookProduct();
  const [term = 1] = product.term.options;
  return {
    application_id: sampleApplication('A').id,
    product,
    scenario,
    funder_id: 'harbour',
    asked: { amount: 500_000, term, term_unit: product.term.unit, purpose: 'consumption' },
    apr: '0.18',
    draws_alone: drawsByItself(scenario, null),
    accepted_ms: BOOK_START,
    inputs: [],
    ...change,
  };
}

/** The book after the lender was told something; as the core does it, what changes nothing is not kept. */
export function tell(
  book: SandboxBook,
  afterMs: number,
  told: Told,
): { book: SandboxBook; result: string; reason?: string } {
  const at = Math.max(BOOK_START + afterMs, book.inputs.at(-1)?.at ?? 0);
  const input: BookInput = { at, delivery: `dlv_${book.inputs.length}_${at}`, ...told };
  const { answer, keep } = new BookPlay(book).runUntil(at).take(input);
  const { result, reason } = answer;
  const next = keep ? { ...book, inputs: [...book.inputs, input] } : book;
  return { book: next, result, ...(reason === undefined ? {} : { reason }) };
}

export const drawing = (book: SandboxBook, loan_id: string): Told => ({ kind: 'loan', loan_id, asked: book.asked });

/** The id of a loan of the sample application. */
export const loanIdOf = (reference: string): string => sampleLoan(sampleApplication('A').id, reference).id;

export interface ThroughGateway {
  readonly application: Application;
  /** Result of every transmission, in order. */
  readonly results: readonly string[];
}

/** Everything that the lender sends, taken in by the gateway's own lifecycle. */
export function throughGateway(book: SandboxBook, untilMs = Number.POSITIVE_INFINITY): ThroughGateway {
  let application = sampleApplication('A', { status: 'submitted', lender_ref: 'REF' });
  const seen = new Set<string>();
  const results: string[] = [];
  const drawn = book.inputs.filter((input) => input.kind === 'loan');
  const open = (beforeMs: number): void => {
    for (const input of drawn.splice(0, drawn.findLastIndex(({ at }) => at <= beforeMs) + 1)) {
      const { amount, term, term_unit } = input.asked;
      const loan = sampleLoan(application.id, '-', { id: input.loan_id, term, term_unit });
      const money = { amount, currency: book.product.currency };
      const at = isoOf(input.at);
      const opened = { ...loan, amount: money, created_at: at, updated_at: at };
      application = { ...application, loans: [...application.loans, opened] };
    }
  };
  for (const { step, sendMs, again } of transmissionsOf(book)) {
    if (sendMs > untilMs) break;
    open(sendMs);
    const parsed = parseLenderEvent({ ...step.event, occurred_at: isoOf(step.dueMs) });
    if (!parsed.ok) throw new Error(`${step.event.type}: ${parsed.detail}`);
    if (again && !seen.has(step.id)) throw new Error(`${step.id} is sent again before it was sent`);
    // The door remembers ids: an event that comes again changes nothing.
    if (seen.has(step.id)) {
      results.push('duplicate');
      continue;
    }
    seen.add(step.id);
    const product = { ...bookProduct(), ...book.product };
    const decision = applyLenderEvent(application, parsed.event, {
      nowMs: sendMs,
      lenderId: application.lender_id,
      product,
    });
    results.push(
      decision.result === 'rejected' ? `${step.event.type}: ${decision.code} ${decision.detail}` : decision.result,
    );
    if (decision.result !== 'rejected') application = decision.application;
  }
  return { application, results };
}
