import { quoteLocally } from '../../src/applications/quote/quote.ts';
import { quoteToWire, type WireQuote } from '../../src/applications/quote/quote-to-wire.ts';
import type { Person } from '../../src/demo/people.ts';
import { cny, type DockingDay, PRODUCT } from './docking-day.ts';

/** Ten thousand over six months. */
export const WISH = { amount: cny(1_000_000), term: 6, term_unit: 'month', purpose: 'consumption' };
export const LIMIT = 5_000_000;
/** The price of each term, a year. */
export const ANNUAL: Readonly<Record<number, string>> = { 3: '0.12', 6: '0.132', 12: '0.144' };

/** Due day, principal, interest, total; worked out beside the product: 1.1 % a month, a level payment of 1 731.42. */
export const PLAN = [
  ['05-10', 162_142, 11_000, 176_142],
  ['06-10', 163_926, 9_216, 176_142],
  ['07-10', 165_729, 7_413, 176_142],
  ['08-10', 167_552, 5_590, 176_142],
  ['09-10', 169_395, 3_747, 176_142],
  ['10-10', 171_256, 1_884, 176_140],
] as const;
/** Of each instalment: 0.2 % and 0.1 % of what was lent. */
export const FEES = [
  { kind: 'service', payee: 'lender', amount: cny(2_000) },
  { kind: 'guarantee', payee: 'guarantor', amount: cny(1_000) },
];
/** One and a half times the price, for two days, on what was due: 1 761.42. */
export const PENALTY = 191;
/** What is left of the principal after two instalments, and nine days of its interest. */
export const LEFT = 673_932;
export const ACCRUED = 2_194;

/** The plan as the lender sends it, or its first instalments. */
export function wirePlan(day: DockingDay, count: number = PLAN.length) {
  return PLAN.slice(0, count).map(([due, principal, interest], at) => {
    return { no: at + 1, due_on: day.on(due), principal: cny(principal), interest: cny(interest), fees: FEES };
  });
}

/** An instalment of the plan as the lender reports its payment. */
export function paidInFull(no: number, payment_ref: string, paid_at: string, more: object = {}) {
  const [, principal, interest] = PLAN[no - 1] ?? PLAN[0];
  const amounts = { principal: cny(principal), interest: cny(interest), fees: FEES };
  return { no, payment_ref, ...amounts, payer: 'borrower', paid_at, ...more };
}

/** The lender's own engine: what a drawdown costs at the price of its term. */
export function quoteOf(day: DockingDay, asked: { amount: { amount: number }; term: number }): WireQuote {
  const { amount, term } = asked;
  const product = day.gateway.gateway.rooms.intake.registry().products.get(PRODUCT);
  if (!product) throw new Error(`no ${PRODUCT}`);
  const priced = { ...product, rate: { annual: ANNUAL[term] } };
  const request = { amount: BigInt(amount.amount), term, termUnit: 'month', startOn: day.on('04-10') } as const;
  const local = quoteLocally(priced, request);
  if (!local.ok) throw new Error(local.problem.message);
  return quoteToWire(local.quote);
}

/** What the lender's core answers to a question: the cost of a drawdown, or on 19 June what settling early takes. */
export function answerQuote(
  day: DockingDay,
  body: { installments?: unknown; amount: { amount: number }; term: number },
): { readonly body: object } {
  if (body.installments !== undefined) {
    const parts = { amount: cny(LEFT + ACCRUED), principal: cny(LEFT), interest: cny(ACCRUED), fees: [] };
    return { body: { ...parts, valid_until: day.at('06-20', '00:00') } };
  }
  const valid_until = day.at('04-10', '12:00');
  return { body: { ...quoteOf(day, body), source: 'lender', quote_ref: 'BW-Q-1', valid_until } };
}

/** An application without its consents. */
export function applicationOf(
  day: DockingDay,
  { name, idNumber, phone }: Person,
  ref: string,
  documents: readonly { readonly kind: string; readonly document_id: string }[],
) {
  const at = day.at('04-10', '09:08');
  return {
    partner_ref: ref,
    partner_user_ref: `U-${ref}`,
    product_id: PRODUCT,
    requested: { ...WISH, amount: cny(LIMIT) },
    applicant: {
      name,
      id_number: idNumber,
      phone,
      employment: { status: 'employed', employer: '某某科技' },
      contacts: [{ relation: 'spouse', name: '李四', phone: '13900001234' }],
    },
    documents: documents.map(({ kind, document_id }) => ({ kind, document_id })),
    verifications: [
      { kind: 'ocr', provider: 'card-reader', result: 'pass', ref: 'ocr-1', at },
      { kind: 'liveness', provider: 'face-vendor', result: 'pass', score: 0.91, threshold: 0.8, at },
      { kind: 'face_match', provider: 'face-vendor', result: 'pass', score: 0.97, threshold: 0.85, at },
    ],
    return_url: 'https://acme.example/back',
  };
}
