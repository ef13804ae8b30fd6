import type { RoundingMode } from '../base/rational.ts';
import { Rational, roundedQuotient } from '../base/rational.ts';
import { daysBetween, dueDate } from './due-date.ts';
import { type DuePlan, isWholeMonth, monthlyDueDates } from './due-plan.ts';

export type Repayment = 'equal_instalments' | 'equal_principal' | 'interest_only' | 'bullet';
export type TermUnit = 'month' | 'day';
/** A nominal rate as a decimal fraction; exactly one is given. Years have 12 months or 365 days. */
export type NominalRate = { annual?: string | undefined; monthly?: string | undefined; daily?: string | undefined };

/** A fee: `percent` (decimal string) of the principal, or `fixed` minor units; once at payout, or with each instalment. */
export type FeeRule = {
  readonly kind: string;
  readonly payee: string;
  readonly percent?: string | undefined;
  readonly fixed?: bigint | number | undefined;
  readonly when: 'upfront' | 'each';
};

/** What a loan's fees come to, minor units. */
export type FeeAmount = { kind: string; payee: string; amount: bigint };

/** One due date; amounts in minor units, `dueOn` as `YYYY-MM-DD`, `total` = principal + interest + fees. */
export type Instalment = {
  no: number;
  dueOn: string;
  principal: bigint;
  interest: bigint;
  fees: FeeAmount[];
  total: bigint;
};

/**
 * A whole loan in minor units. `received` = principal − upfront fees; `total` = what the instalments sum to;
 * `cost` holds all interest and all fees, so that `total − received = cost.interest + Σ cost.fees`.
 */
export type Schedule = {
  received: bigint;
  total: bigint;
  cost: { interest: bigint; fees: FeeAmount[] };
  schedule: Instalment[];
};

export type ScheduleInput = DuePlan & {
  /** Minor units, > 0. */
  principal: bigint;
  rate: NominalRate;
  /** Months or days, > 0. */
  term: number;
  termUnit: TermUnit;
  repayment: Repayment;
  fees: readonly FeeRule[];
  /** The day of payout, `YYYY-MM-DD`. */
  startOn: string;
  rounding?: RoundingMode;
};

const DAYS_PER_YEAR = 365;
const MONTHS_PER_YEAR = 12;

/**
 * Builds the repayment schedule of a loan.
 *
 * A month bears a twelfth of the annual rate however many days it has. Interest of each period is rounded once (half even
 * unless told otherwise); principal sums to the amount lent, the last period takes what rounding left. A loan in days is one
 * period of so many days, repaid at its end whatever the product's method: interest = principal × annual / 365 × days.
 * `bullet` in months likewise is one instalment with simple interest. Fees of `each` fall due with every instalment.
 *
 * With a `dueDay`, monthly instalments fall on that day, and a first period that is not a month bears interest by its days:
 * principal × annual / 365 × days (365 in leap years too). The shares of principal stay those of the regular loan, so every
 * payment but the first and the last is alike. Loans of one instalment have no due day.
 *
 * @throws RangeError on a principal or term that is not positive, an impossible date, or a rate not given exactly once
 */
export function buildSchedule(input: ScheduleInput): Schedule {
  const { principal, term, termUnit, startOn, rounding = 'half_even' } = input;
  if (principal <= 0n) throw new RangeError('A schedule needs a positive principal.');
  if (!Number.isSafeInteger(term) || term <= 0) throw new RangeError('A schedule needs a positive whole term.');
  const single = isSinglePayment(input);
  const periods = single ? 1 : term;
  const fees = input.fees.map((rule) => ({ rule, amount: feeAmount(rule, principal, rounding) }));
  const each = fees.filter(({ rule }) => rule.when === 'each').map(({ rule, amount }) => named(rule, amount));
  const upfront = fees.reduce((sum, { rule, amount }) => (rule.when === 'upfront' ? sum + amount : sum), 0n);

  const dueOn = single ? [dueDate(startOn, term, termUnit)] : monthlyDueDates(startOn, periods, input);
  const parts = principalParts(input, dueOn[0] ?? startOn);
  const schedule = parts.map((part, at): Instalment => {
    const total = each.reduce((sum, fee) => sum + fee.amount, part.principal + part.interest);
    return { no: at + 1, dueOn: dueOn[at] ?? startOn, ...part, fees: each.map((fee) => ({ ...fee })), total };
  });
  const cost = {
    interest: parts.reduce((sum, part) => sum + part.interest, 0n),
    fees: fees.map(({ rule, amount }) => named(rule, rule.when === 'each' ? amount * BigInt(periods) : amount)),
  };
  const total = schedule.reduce((sum, instalment) => sum + instalment.total, 0n);
  return { received: principal - upfront, total, cost, schedule };
}

/** Whether all is paid back at once, at the end of the term. */
export function isSinglePayment({ termUnit, repayment }: { termUnit: TermUnit; repayment: Repayment }): boolean {
  return termUnit === 'day' || repayment === 'bullet';
}

/** Interest on a principal for some days: a 365th of the annual rate each, rounded once. */
export function interestForDays(
  principal: bigint,
  rate: NominalRate,
  days: number,
  rounding: RoundingMode = 'half_even',
): bigint {
  return interestOn(principal, annualRate(rate).mul(Rational.of(days, DAYS_PER_YEAR)), rounding);
}

/**
 * The nominal annual rate: annual = 12 × monthly = 365 × daily.
 * @throws RangeError when not exactly one rate is given; SyntaxError when it is no decimal
 */
export function annualRate(rate: NominalRate): Rational {
  const given: Rational[] = [];
  if (rate.annual !== undefined) given.push(Rational.parse(rate.annual));
  if (rate.monthly !== undefined) given.push(Rational.parse(rate.monthly).mul(Rational.of(MONTHS_PER_YEAR)));
  if (rate.daily !== undefined) given.push(Rational.parse(rate.daily).mul(Rational.of(DAYS_PER_YEAR)));
  const [only] = given;
  if (only === undefined || given.length > 1) throw new RangeError('Give exactly one of annual, monthly, daily.');
  return only;
}

type Part = { principal: bigint; interest: bigint };

/** Splits a loan into periods: each period's interest on what was still owed, and its share of the principal. */
function principalParts(input: ScheduleInput, firstDueOn: string): Part[] {
  const { principal, rate, term, termUnit, startOn, rounding = 'half_even' } = input;
  const single = isSinglePayment(input);
  const repayment = single ? 'bullet' : input.repayment;
  const periods = single ? 1 : term;
  const periodRate = annualRate(rate).mul(
    Rational.of(single ? term : 1, termUnit === 'day' ? DAYS_PER_YEAR : MONTHS_PER_YEAR),
  );
  const level = repayment === 'equal_instalments' ? annuity(principal, periodRate, periods, rounding) : 0n;
  const share = repayment === 'equal_principal' ? principal / BigInt(periods) : 0n;
  const parts: Part[] = [];
  let owed = principal;
  for (let no = 1; no <= periods; no += 1) {
    const interest = interestOn(owed, periodRate, rounding);
    const planned = repayment === 'equal_instalments' ? level - interest : share;
    // A payment rounded up can outrun a very small loan before its last period.
    const part = no === periods || planned > owed ? owed : planned;
    parts.push({ principal: part, interest });
    owed -= part;
  }
  const [first] = parts;
  if (first !== undefined && !single && !isWholeMonth(startOn, firstDueOn)) {
    first.interest = interestForDays(principal, rate, daysBetween(startOn, firstDueOn), rounding);
  }
  return parts;
}

function interestOn(principal: bigint, rate: Rational, rounding: RoundingMode): bigint {
  return roundedQuotient(principal * rate.numerator, rate.denominator, rounding);
}

/** The level payment P·r / (1 − (1 + r)⁻ⁿ), or P / n without interest. With r = a / b it is P·a·cⁿ / (b·(cⁿ − bⁿ)), c = a + b. */
function annuity(principal: bigint, rate: Rational, periods: number, rounding: RoundingMode): bigint {
  if (rate.isZero()) return roundedQuotient(principal, BigInt(periods), rounding);
  const { numerator: a, denominator: b } = rate;
  const power = BigInt(periods);
  const grown = (a + b) ** power;
  return roundedQuotient(principal * a * grown, b * (grown - b ** power), rounding);
}

function feeAmount(rule: FeeRule, principal: bigint, rounding: RoundingMode): bigint {
  if (rule.fixed !== undefined) return BigInt(rule.fixed);
  if (rule.percent === undefined) return 0n;
  return interestOn(principal, Rational.parse(rule.percent).div(Rational.of(100)), rounding);
}

function named(rule: FeeRule, amount: bigint): FeeAmount {
  return { kind: rule.kind, payee: rule.payee, amount };
}
