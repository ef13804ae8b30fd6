import fc from 'fast-check';
import { CLAWBACK_EVENTS, EARNING_EVENTS, type EarningEvent } from '../../../../src/registry/schema/event-names.ts';
import { type Terms, termsSchema } from '../../../../src/registry/schema/terms.ts';
import { payFindings } from '../../../../src/registry/validate-pay.ts';
import type { ContractTerms } from '../../../../src/revenue/terms.ts';
import { OFFSETS } from './days.ts';

const oneOf = <const T>(...values: readonly T[]) => fc.constantFrom(...values);
/** What pays in most contracts comes up most. */
const EARNING: fc.Arbitrary<EarningEvent> = oneOf(
  ...EARNING_EVENTS,
  ...(['loan.disbursed', 'loan.disbursed', 'loan.disbursed', 'loan.disbursed', 'installment.paid'] as const),
  ...(['installment.paid', 'credit.granted'] as const),
);
const RULE_IDS = ['a', 'b', 'c', 'd'];
const PERCENTS = ['0', '0.2', '0.333', '0.5', '1', '1.5', '6.25', '8', '12.5', '33.3333', '100'];

const rawTiers = fc.array(fc.record({ width: oneOf(1, 2, 3, 7), percent: oneOf(...PERCENTS), fixed: oneOf(50, 99) }), {
  minLength: 1,
  maxLength: 4,
});

const rawRule = fc.record({
  /** Which of the few that the contract is about. */
  on: fc.nat(1),
  pay: oneOf('fixed', 'percent', 'percent', 'marginal', 'whole', 'whole'),
  fixed: oneOf(0, 1, 1_500, 3_000),
  percent: oneOf(...PERCENTS),
  of: oneOf<string | string[]>(
    'principal',
    'interest',
    'penalty',
    'fees',
    ['interest', 'fees.service'],
    'fees.guarantee',
  ),
  annualised: oneOf(false, false, true),
  tiers: rawTiers,
  measure: oneOf('amount', 'count'),
  fixedTiers: fc.boolean(),
  group: oneOf(undefined, undefined, undefined, 'g', 'h'),
  once: oneOf(undefined, undefined, 'applicant', 'application', 'loan', 'payment'),
  hold: oneOf(0, 0, 0, 1, 15, 60, 730),
  earn: oneOf(...Array(8).fill(undefined), 1, 10, 45),
  payers: oneOf(undefined, undefined, undefined, undefined, ['borrower'], ['guarantor', 'insurer']),
  caps: oneOf(
    undefined,
    undefined,
    undefined,
    { count: 1 },
    { count: 3 },
    { amount: 700 },
    { amount: 5_000 },
    { amount: 0 },
  ),
  per: oneOf('day', 'month', 'period'),
  when: oneOf<object | undefined>(
    ...Array(20).fill(undefined),
    ...[{ products: ['quick-cash'] }, { lenders: ['bluewave'] }],
    ...[{ funders: ['harbour', 'north'] }, { links: ['acme-home'] }, { via: 'api' }, { via: ['click', 'handoff'] }],
    ...[{ customer: 'new' }, { customer: 'returning', loan: 'repeat' }, { loan: 'first' }, { loan: 'repeat' }],
    ...[{ term: { min: 6 } }, { term: { min: 3, max: 6 } }, { regions: ['110000', '44'] }, { grades: ['A'] }],
  ),
});

const rawClawback = fc.record({
  on: fc.nat(1),
  take: oneOf(...PERCENTS, '100', '100'),
  fixed: oneOf(undefined, undefined, undefined, 1, 500, 100_000),
  proRata: oneOf(false, false, true),
  within: oneOf(undefined, undefined, 0, 10, 30, 90),
  rules: oneOf(undefined, undefined, 0, 1),
});

const rawVersion = fc.record({
  rules: fc.array(rawRule, { minLength: 1, maxLength: 4, size: 'max' }),
  clawback: fc.array(rawClawback, { maxLength: 4, size: 'max' }),
  priceAt: oneOf('application', 'application', 'event'),
  rounding: oneOf('half_even', 'half_even', 'half_up', 'floor'),
  gap: oneOf(0, 9, 14, 31),
});

const rawContract = fc.record({
  earning: fc.tuple(EARNING, EARNING),
  clawing: fc.tuple(oneOf(...CLAWBACK_EVENTS), oneOf(...CLAWBACK_EVENTS)),
  versions: fc.array(rawVersion, { minLength: 1, maxLength: 3 }),
  timezone: oneOf('Asia/Shanghai', 'Asia/Shanghai', ...Object.keys(OFFSETS)),
  cycle: oneOf<string | number>('month_end', 'month_end', 'month_end', 'half_month', 'daily', 'sun', 'wed', 1, 15, 28),
});

/** All versions of one or two contracts that run side by side, as a file that loads has them. */
export const randomContracts: fc.Arbitrary<ContractTerms[]> = fc
  .array(rawContract, { minLength: 1, maxLength: 2 })
  .map((contracts) => contracts.flatMap((raw, index) => contractOf(raw, index === 0 ? 'main' : 'side')));

type Raw<T> = T extends fc.Arbitrary<infer U> ? U : never;

type NamedRule = Omit<Raw<typeof rawRule>, 'on'> & { readonly on: EarningEvent };
type NamedClawback = Omit<Raw<typeof rawClawback>, 'on'> & { readonly on: string };

function contractOf(raw: Raw<typeof rawContract>, contract: string): ContractTerms[] {
  let from = Date.parse('2025-12-15');
  return raw.versions.map((version, at) => {
    from += (version.gap + at) * 86_400_000;
    const terms = termsSchema.parse({
      id: `${contract}-v${at}`,
      contract,
      from: new Date(from).toISOString().slice(0, 10),
      price_at: version.priceAt,
      currency: 'CNY',
      timezone: raw.timezone,
      cycle: raw.cycle,
      rounding: version.rounding,
      rules: version.rules.map((rule, place) => {
        return ruleOf({ ...rule, on: raw.earning[rule.on === 0 ? 0 : 1] }, RULE_IDS[place] ?? 'z');
      }),
      clawback: version.clawback.map((clawback) => {
        return clawbackOf({ ...clawback, on: raw.clawing[clawback.on === 0 ? 0 : 1] }, version.rules.length);
      }),
    });
    const faults = payFindings('partner.yaml', [], terms);
    if (faults.length > 0) throw new Error(faults.map(({ message }) => message).join('; '));
    return terms satisfies Terms as ContractTerms;
  });
}

function ruleOf(raw: NamedRule, id: string): object {
  const isPayment = raw.on === 'installment.paid';
  const hasPrincipal = ['loan.requested', 'loan.disbursed', 'loan.settled'].includes(raw.on);
  const isOfLoan = isPayment || raw.on.startsWith('loan.');
  const of = isPayment ? raw.of : hasPrincipal ? 'principal' : null;
  const isCapped = raw.caps !== undefined && raw.pay !== 'whole';
  const fits = { applicant: raw.on !== 'click', application: raw.on !== 'click', loan: isOfLoan, payment: isPayment };
  return {
    id,
    on: raw.on,
    pay: payOf(raw, of),
    ...(raw.group === undefined ? {} : { group: raw.group }),
    ...(raw.once !== undefined && fits[raw.once] ? { once_per: raw.once } : {}),
    hold_days: raw.hold,
    ...(raw.earn === undefined ? {} : { earn_days: raw.earn }),
    ...(isPayment && raw.payers ? { payers: raw.payers } : {}),
    ...(isCapped ? { caps: { ...raw.caps, per: raw.per } } : {}),
    ...(raw.when === undefined ? {} : { when: raw.when }),
  };
}

function payOf(raw: NamedRule, of: string | readonly string[] | null): object {
  if (raw.pay === 'fixed' || (of === null && raw.pay === 'percent')) return { fixed: raw.fixed };
  if (raw.pay === 'percent') {
    const { percent } = raw;
    return { percent, of, ...(raw.annualised && of === 'principal' ? { annualised: true } : {}) };
  }
  const measure = of === null ? 'count' : raw.measure;
  const unit = measure === 'count' ? 1 : 150_000;
  let upTo = 0;
  const tiers = raw.tiers.map(({ width, percent, fixed }, at) => {
    upTo += width * unit;
    const price = of === null || (measure === 'count' && raw.fixedTiers) ? { fixed } : { percent };
    return { ...price, ...(at === raw.tiers.length - 1 ? {} : { up_to: upTo }) };
  });
  return { tiers, measure, mode: raw.pay, ...(of === null ? {} : { of }) };
}

function clawbackOf(raw: NamedClawback, rules: number): object {
  const isProRata = raw.proRata && !/^(application|credit)\./.test(raw.on);
  const percent = { percent: raw.take, ...(isProRata ? { pro_rata: 'unexpired_term' } : {}) };
  return {
    on: raw.on,
    take: raw.fixed === undefined ? percent : { fixed: raw.fixed },
    ...(raw.within === undefined ? {} : { within_days: raw.within }),
    ...(raw.rules === undefined ? {} : { rules: [RULE_IDS[raw.rules % rules] ?? 'a'] }),
  };
}
