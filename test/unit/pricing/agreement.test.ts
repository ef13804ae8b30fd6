import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, test } from 'vitest';
import { applyLenderEvent } from '../../../src/applications/lifecycle/apply-lender-event.ts';
import { parseLenderEvent } from '../../../src/applications/lifecycle/lender-event.ts';
import { lenderLoanId } from '../../../src/applications/lifecycle/loan-requested.ts';
import type { Application } from '../../../src/applications/model.ts';
import { type QuotableProduct, type Quote, quoteLocally } from '../../../src/applications/quote/quote.ts';
import { quoteToWire } from '../../../src/applications/quote/quote-to-wire.ts';
import { DAY_MS, isoOf } from '../../../src/base/clock.ts';
import { planOf } from '../../../src/sandbox/story/terms.ts';
import { sampleApplication } from '../../support/sample-application.ts';

/** A product as it comes, with one loan that is asked of it. */
interface Case {
  readonly product: QuotableProduct & { readonly timezone: string };
  readonly amount: number;
  readonly term: number;
  readonly startOn: string;
}

const REPAYMENTS = ['equal_instalments', 'equal_principal', 'interest_only', 'bullet'] as const;
const ZONES = ['Asia/Shanghai', 'America/New_York', 'Pacific/Auckland', 'UTC'] as const;
/** Ends of months, leap days, the days on which clocks are changed, and any other. */
const anyDay = fc.oneof(
  fc.constantFrom('2026-01-31', '2024-02-29', '2025-12-31', '2026-03-08', '2026-11-01', '2026-08-31', '2028-01-30'),
  fc.integer({ min: 0, max: 3_000 }).map((days) => isoOf(Date.UTC(2024, 0, 1) + days * DAY_MS).slice(0, 10)),
);
const anyRate = fc.oneof(
  fc.integer({ min: 0, max: 2_400 }).map((basis) => ({ annual: (basis / 10_000).toFixed(4) })),
  fc.integer({ min: 0, max: 200 }).map((basis) => ({ monthly: (basis / 10_000).toFixed(4) })),
  fc.integer({ min: 0, max: 65 }).map((basis) => ({ daily: (basis / 100_000).toFixed(5) })),
  fc.constantFrom({ annual: '0' }, { annual: '0.24' }, { monthly: '0.02' }),
);
const anyFee = fc.record({
  kind: fc.constantFrom('service', 'guarantee'),
  payee: fc.constantFrom('lender', 'guarantor'),
  when: fc.constantFrom('upfront' as const, 'each' as const),
  price: fc.oneof(
    fc.integer({ min: 0, max: 300 }).map((hundredths) => ({ percent: (hundredths / 100).toFixed(2) })),
    fc.integer({ min: 0, max: 5_000 }).map((fixed) => ({ fixed })),
  ),
});

const anyCase: fc.Arbitrary<Case> = fc
  .record({
    unit: fc.constantFrom('month' as const, 'month' as const, 'day' as const),
    months: fc.integer({ min: 1, max: 60 }),
    days: fc.oneof(fc.integer({ min: 1, max: 400 }), fc.constant(3_650)),
    repayment: fc.constantFrom(...REPAYMENTS),
    rate: anyRate,
    fees: fc.array(anyFee, { maxLength: 3 }),
    amount: fc.oneof(
      fc.constantFrom(1, 2, 7, 99, 10_000_000_000),
      fc.integer({ min: 1, max: 20_000 }),
      fc.integer({ min: 100_000, max: 50_000_000 }),
    ),
    timezone: fc.constantFrom(...ZONES),
    startOn: anyDay,
    dueDay: fc.constantFrom(undefined, undefined, 1, 15, 28, 'month_end' as const),
    minDays: fc.constantFrom(undefined, 1, 20, 45),
  })
  .map(({ unit, months, days, repayment, rate, fees, amount, timezone, startOn, dueDay, minDays }) => {
    const term = unit === 'month' ? months : days;
    return {
      product: {
        currency: 'CNY',
        amount: AMOUNTS,
        term: { options: [term], unit },
        repayment,
        rate,
        fees: fees.map(({ price, ...fee }) => ({ ...fee, ...price })),
        apr_cap: '0.24',
        timezone,
        due_day: dueDay,
        first_period_min_days: minDays,
      },
      amount,
      term,
      startOn,
    };
  });

const AMOUNTS = { min: 1, max: 10_000_000_000, step: 1 };

const quoted = ({ product, amount, term, startOn }: Case) =>
  quoteLocally(product, { amount: BigInt(amount), term, termUnit: product.term.unit, startOn });

/** top / bottom to the nearest, ties to even. */
function nearest(top: bigint, bottom: bigint): bigint {
  const low = top / bottom;
  const twice = (top - low * bottom) * 2n;
  return twice > bottom || (twice === bottom && low % 2n === 1n) ? low + 1n : low;
}

function fraction(text: string): [bigint, bigint] {
  const [whole = '0', digits = ''] = text.split('.');
  return [BigInt(whole + digits), 10n ** BigInt(digits.length)];
}

/** The rate of one period as a / b. */
function periodRate({ product: { rate, term }, term: length }: Case, single: boolean): [bigint, bigint] {
  const [top, bottom] = fraction(rate.annual ?? rate.monthly ?? rate.daily ?? '0');
  const yearly = rate.annual !== undefined ? 1n : rate.monthly !== undefined ? 12n : 365n;
  const periods = single ? BigInt(length) : 1n;
  return [top * yearly * periods, bottom * (term.unit === 'day' ? 365n : 12n)];
}

/** Whether paying half of `twice` each period leaves nothing of the loan, unrounded: the balance is carried along exactly. */
function paysOff(principal: bigint, twice: bigint, [a, b]: readonly [bigint, bigint], periods: number): boolean {
  let balance = 2n * principal;
  let scale = 1n;
  for (let at = 0; at < periods; at += 1) {
    balance = balance * (a + b) - twice * scale * b;
    scale *= b;
  }
  return balance <= 0n;
}

/** The level payment by trial: the whole number next to the one that pays off exactly. */
function levelPayment(principal: bigint, rate: readonly [bigint, bigint], periods: number): bigint {
  let [low, high] = [0n, principal * 2n + (principal * rate[0]) / rate[1] + 2n];
  while (low < high) {
    const middle = (low + high) / 2n;
    if (paysOff(principal, 2n * middle + 1n, rate, periods)) high = middle;
    else low = middle + 1n;
  }
  // At half a unit exactly it goes to the even neighbour.
  const isTie =
    low % 2n === 1n && !paysOff(principal, 2n * low, rate, periods) && isExactly(principal, low, rate, periods);
  return isTie ? low + 1n : low;
}

function isExactly(principal: bigint, low: bigint, rate: readonly [bigint, bigint], periods: number): boolean {
  const [a, b] = rate;
  let balance = 2n * principal;
  let scale = 1n;
  for (let at = 0; at < periods; at += 1) {
    balance = balance * (a + b) - (2n * low + 1n) * scale * b;
    scale *= b;
  }
  return balance === 0n;
}

interface Row {
  readonly due_on: string;
  readonly principal: bigint;
  readonly interest: bigint;
  readonly fees: bigint;
}

/** The first day on which instalments fall due that is far enough from the payout; undefined where they follow the payout. */
function firstDueDay(start: DateTime, { product }: Case): DateTime | undefined {
  const { due_day: dueDay, first_period_min_days: least = 15 } = product;
  if (dueDay === undefined) return undefined;
  for (let day = start.plus({ days: least }); ; day = day.plus({ days: 1 })) {
    if (dueDay === 'month_end' ? day.day === day.daysInMonth : day.day === dueDay) return day;
  }
}

/** Ends of months are a month apart. */
function isMonthAfter(start: DateTime, due: DateTime): boolean {
  if (start.plus({ months: 1 }).hasSame(due, 'day')) return true;
  const ends = start.day === start.daysInMonth && due.day === due.daysInMonth;
  return ends && start.plus({ months: 1 }).hasSame(due, 'month');
}

function interestOfDays(principal: bigint, { product: { rate } }: Case, days: number): bigint {
  const [top, bottom] = fraction(rate.annual ?? rate.monthly ?? rate.daily ?? '0');
  const perYear = rate.annual !== undefined ? 1n : rate.monthly !== undefined ? 12n : 365n;
  return nearest(principal * top * perYear * BigInt(days), bottom * 365n);
}

/** The plan of a loan, worked out anew from what the contract says of it. */
function planAnew(given: Case): { readonly received: bigint; readonly rows: readonly Row[] } {
  const { product, amount, term, startOn } = given;
  const principal = BigInt(amount);
  const single = product.term.unit === 'day' || product.repayment === 'bullet';
  const periods = single ? 1 : term;
  const [a, b] = periodRate(given, single);
  const feeOf = (when: string) =>
    product.fees.reduce((sum, fee) => {
      if (fee.when !== when) return sum;
      if (fee.fixed !== undefined) return sum + BigInt(fee.fixed);
      const [top, bottom] = fraction(fee.percent ?? '0');
      return sum + nearest(principal * top, bottom * 100n);
    }, 0n);
  const level = !single && product.repayment === 'equal_instalments' ? levelPayment(principal, [a, b], periods) : 0n;
  const start = DateTime.fromISO(startOn, { zone: 'utc' });
  const firstOn = single ? undefined : firstDueDay(start, given);
  const rows: Row[] = [];
  let owed = principal;
  for (let no = 1; no <= periods; no += 1) {
    const interest = nearest(owed * a, b);
    const planned = product.repayment === 'equal_instalments' ? level - interest : principal / BigInt(periods);
    const last = no === periods;
    const share = product.repayment === 'interest_only' || single ? 0n : planned;
    const part = last || share > owed ? owed : share;
    const after = single ? (product.term.unit === 'day' ? { days: term } : { months: term }) : { months: no };
    const due = firstOn === undefined ? start.plus(after) : firstOn.plus({ months: no - 1 });
    const due_on = (product.due_day === 'month_end' && firstOn ? due.endOf('month') : due).toFormat('yyyy-MM-dd');
    const isOdd = no === 1 && firstOn !== undefined && !isMonthAfter(start, firstOn);
    const first = isOdd ? interestOfDays(principal, given, Math.round(firstOn.diff(start, 'days').days)) : interest;
    rows.push({ due_on, principal: part, interest: first, fees: feeOf('each') });
    owed -= part;
  }
  return { received: principal - feeOf('upfront'), rows };
}

/** The nominal yearly rate, by halving in fixed-point numbers of thirty digits; undefined beyond a thousand per cent a period. */
function rateAnew(received: bigint, totals: readonly bigint[], perYear: readonly [bigint, bigint]): number | undefined {
  const ONE = 10n ** 30n;
  const worth = (i: bigint): bigint =>
    totals.reduceRight((later, total) => ((later + total * ONE) * ONE) / (ONE + i), 0n);
  let [low, high] = [-ONE / 2n, 10n * ONE];
  if (worth(high) > received * ONE) return undefined;
  for (let step = 0; step < 90; step += 1) {
    const middle = (low + high) / 2n;
    if (worth(middle) > received * ONE) low = middle;
    else high = middle;
  }
  return Number((((low * perYear[0]) / perYear[1]) * 10n ** 12n) / ONE) / 1e12;
}

/** Grants, asks for and pays out the loan as it was quoted; what the last word of it is answered. */
function paidOut({ product, amount, term, startOn }: Case, quote: Quote) {
  const startMs = DateTime.fromISO(startOn, { zone: product.timezone }).set({ hour: 23, minute: 59 }).toMillis();
  const at = (minutes: number) => isoOf(startMs + minutes * 60_000 - 30 * 60_000);
  const money = (of: number) => ({ amount: of, currency: 'CNY' });
  const { received, schedule } = quoteToWire(quote);
  const facts = {
    nowMs: startMs,
    lenderId: 'quickcredit',
    product: { ...product, amount: AMOUNTS, apr_cap: '0.24', fpd_days: 30, refused_days: 30, cooling_off_days: 3 },
  };
  let application: Application = sampleApplication('AGREE', { status: 'submitted', lender_ref: 'A-1' });
  const loan_id = lenderLoanId(application.id, 'LN-1');
  const story = [
    ['credit.granted', { amount: money(amount), apr: '0.24', expires_at: isoOf(startMs + 30 * DAY_MS) }, {}],
    [
      'loan.requested',
      { lender_ref: 'LN-1', amount: money(amount), term, term_unit: product.term.unit, requested_at: at(1) },
      {},
    ],
    ['loan.disbursed', { principal: money(amount), received, disbursed_at: at(2), schedule }, { loan_id }],
  ] as const;
  return story.map(([type, data, object], index) => {
    const raw = { id: `E-${index}`, type, occurred_at: at(index), application_id: application.id, ...object, data };
    const parsed = parseLenderEvent(raw);
    if (!parsed.ok) return parsed.detail;
    const decision = applyLenderEvent(application, parsed.event, facts);
    if (decision.result === 'applied') application = decision.application;
    return decision.result === 'rejected' ? `${decision.code}: ${decision.detail}` : decision.result;
  });
}

describe('a loan of any product', () => {
  test('is quoted as whoever works it out anew finds it, to the last minor unit', () => {
    fc.assert(
      fc.property(anyCase, (given) => {
        const answer = quoted(given);
        const anew = planAnew(given);
        if (!answer.ok) return;
        const { quote } = answer;
        const rows = quote.schedule.map(({ dueOn, principal, interest, fees }) => {
          return { due_on: dueOn, principal, interest, fees: fees.reduce((sum, fee) => sum + fee.amount, 0n) };
        });
        expect({ received: quote.received, rows }).toEqual(anew);
        expect(rows.reduce((sum, row) => sum + row.principal, 0n)).toBe(BigInt(given.amount));
        const cost = quote.cost.interest + quote.cost.fees.reduce((sum, fee) => sum + fee.amount, 0n);
        expect(quote.total - quote.received).toBe(cost);
      }),
      { numRuns: 300 },
    );
  });

  test('has the yearly cost that exact arithmetic finds, and is refused for its cost only where that is above the cap', () => {
    fc.assert(
      fc.property(anyCase, (given) => {
        // A rate of odd first periods has tests of its own.
        fc.pre(given.product.due_day === undefined || given.product.repayment === 'bullet');
        const answer = quoted(given);
        const { received, rows } = planAnew(given);
        const totals = rows.map((row) => row.principal + row.interest + row.fees);
        if (!answer.ok && answer.problem.code === 'fees_exceed_amount') {
          expect(received <= 0n).toBe(true);
          return;
        }
        const { unit } = given.product.term;
        const single = rows.length === 1;
        const perYear: [bigint, bigint] = single ? [unit === 'day' ? 365n : 12n, BigInt(given.term)] : [12n, 1n];
        const apr = rateAnew(received, totals, perYear);
        if (!answer.ok) {
          expect(answer.problem.code).toBe('apr_above_cap');
          expect(apr === undefined || apr > 0.24).toBe(true);
          return;
        }
        expect(Math.abs(Number(answer.quote.apr) - (apr ?? Number.NaN))).toBeLessThanOrEqual(1.1e-8);
        // What rounding may add: one minor unit a payment.
        const lowered = rateAnew(
          received,
          totals.map((total) => (total > 0n ? total - 1n : 0n)),
          perYear,
        );
        expect(lowered ?? Number.NaN).toBeLessThanOrEqual(0.24 + 1e-9);
      }),
      { numRuns: 300 },
    );
  });

  test('is planned alike by the sandbox lender, and taken as paid out when it comes as it was quoted', () => {
    fc.assert(
      fc.property(anyCase, (given) => {
        const answer = quoted(given);
        if (!answer.ok) return;
        const { product, amount, term, startOn } = given;
        const asked = { amount, term, term_unit: product.term.unit, purpose: null };
        const noon = DateTime.fromISO(startOn, { zone: product.timezone }).set({ hour: 12 }).toMillis();
        const book = { ...product, id: 'p', kind: 'revolving', cooling_off_days: 3 } as never;
        expect(planOf(book, asked, noon).schedule).toEqual(answer.quote.schedule);
        expect(paidOut(given, answer.quote)).toEqual(['applied', 'applied', 'applied']);
      }),
      { numRuns: 200 },
    );
  });
});

describe('at the cap', () => {
  const product: QuotableProduct = {
    currency: 'CNY',
    amount: { min: 1_000_000, max: 1_000_000, step: 1 },
    term: { options: [12], unit: 'month' },
    repayment: 'interest_only',
    rate: { annual: '0.24' },
    fees: [],
    apr_cap: '0.24',
  };
  const answerTo = (changes: Partial<QuotableProduct>) =>
    quoteLocally(
      { ...product, ...changes },
      { amount: 1_000_000n, term: 12, termUnit: 'month', startOn: '2026-01-31' },
    );
  const fee = (fixed: number) => ({ fees: [{ kind: 'service', payee: 'lender', fixed, when: 'each' as const }] });

  test('a price of exactly the cap is offered; a minor unit a payment more is rounding, two are price', () => {
    expect(answerTo({})).toMatchObject({ ok: true, quote: { apr: '0.24000000' } });
    expect(answerTo(fee(1))).toMatchObject({ ok: true });
    expect(answerTo(fee(2))).toMatchObject({ ok: false, problem: { code: 'apr_above_cap' } });
  });

  test('fees that eat the loan, whole or more, are told as that', () => {
    for (const percent of ['100', '250']) {
      const fees = [{ kind: 'service', payee: 'lender', percent, when: 'upfront' as const }];
      expect(answerTo({ fees })).toMatchObject({ ok: false, problem: { code: 'fees_exceed_amount' } });
    }
  });
});
