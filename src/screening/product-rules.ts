import { DateTime } from 'luxon';
import { memberAt } from '../base/member-at.ts';
import { ageAt } from '../identity/age.ts';
import type { SoftRule } from '../registry/schema/product-conditions.ts';
import { type Refusal, refusal } from './decision.ts';

/** What of a product decides who may apply. */
export interface RuledProduct {
  readonly status: 'open' | 'paused' | 'closed';
  readonly hours: readonly string[];
  readonly timezone: string;
  readonly currency: string;
  readonly amount: { readonly min: number; readonly max: number; readonly step: number };
  readonly term: { readonly options: readonly number[]; readonly unit: 'month' | 'day' };
  readonly eligibility: {
    readonly age: readonly [number, number];
    readonly excluded_regions: readonly string[];
    readonly purposes: readonly string[];
    /** Names of the field catalogue, dotted. */
    readonly require: readonly string[];
    /** Values of `employment.status`. */
    readonly excluded_occupations: readonly string[];
    /** Minor units of the product's currency. */
    readonly min_monthly_income?: number | undefined;
    /** Rules that a trusted applicant passes. */
    readonly soft: readonly SoftRule[];
  };
}

/** What is known of the applicant and the wish; what is absent is not judged. */
export interface RuledApplicant {
  readonly birthDate?: string;
  /** GB/T 2260 code of the id number. */
  readonly region?: string;
  /** GB/T 2260 code of the stated residence. */
  readonly residenceRegion?: string;
  /** What is stated beside identity, as the field catalogue names it. */
  readonly stated?: Readonly<Record<string, unknown>>;
  /** true = nothing more will be stated: what the product requires and is absent is lacking. */
  readonly isComplete?: boolean;
  readonly requested?: {
    readonly amount: { readonly amount: number; readonly currency: string };
    readonly term: number;
    readonly term_unit: 'month' | 'day';
    readonly purpose: string;
  };
}

/** What beside a product's own file decides whether it takes applications. */
export interface ProductStanding {
  readonly partnerActive: boolean;
  readonly lenderActive: boolean;
  /** Somebody has paused it, until then (epoch ms; null = nobody knows); undefined = nobody has. */
  readonly paused: { readonly untilMs: number | null } | undefined;
}

/**
 * Whether the product takes applications now: `closed` with `paused`, `hours` or `suspended`; of several the
 * strictest, and `retry_at` where all of them have ended.
 */
export function closedNow(product: RuledProduct, standing: ProductStanding, nowMs: number): Refusal | undefined {
  const { partnerActive, lenderActive, paused } = standing;
  if (!partnerActive || !lenderActive || product.status === 'closed') {
    return refusal('closed', { detail: 'suspended' });
  }
  if (product.status === 'paused') return refusal('closed', { detail: 'paused' });
  if (paused !== undefined) {
    const { untilMs } = paused;
    const retryAtMs = untilMs === null ? null : nextOpeningMs(product.hours, product.timezone, untilMs);
    return refusal('closed', { detail: 'paused', retryAtMs });
  }
  const opensMs = nextOpeningMs(product.hours, product.timezone, nowMs);
  return opensMs === nowMs ? undefined : refusal('closed', { detail: 'hours', retryAtMs: opensMs });
}

/** Details of `ineligible` with the rule behind each, in the order in which they are told. */
const RULES: readonly (readonly [
  detail: string,
  isBroken: (product: RuledProduct, applicant: RuledApplicant, nowMs: number) => boolean,
])[] = [
  ['age', isWrongAge],
  ['region', isWrongRegion],
  ['amount', isWrongAmount],
  ['term', isWrongTerm],
  ['purpose', isWrongPurpose],
  ['occupation', isWrongOccupation],
  ['profile', isWrongProfile],
];

/**
 * `ineligible` with the first detail that applies: age, region, amount, term, purpose, occupation, profile.
 * @param isTrusted somebody who may lend vouches for the applicant: rules that the product marks as soft are passed
 */
export function ineligibleFor(
  product: RuledProduct,
  applicant: RuledApplicant,
  nowMs: number,
  isTrusted: boolean = false,
): Refusal | undefined {
  for (const [detail, isBroken] of RULES) {
    if (isBroken(product, applicant, nowMs) && !(isTrusted && isSoftRule(product, detail))) {
      return refusal('ineligible', { detail });
    }
  }
  return undefined;
}

/** Whether a product lets trusted applicants pass the rule behind this detail. */
export function isSoftRule({ eligibility }: Pick<RuledProduct, 'eligibility'>, detail: string): boolean {
  return eligibility.soft.some((soft) => soft === detail);
}

function isWrongAge(product: RuledProduct, { birthDate }: RuledApplicant, nowMs: number): boolean {
  if (birthDate === undefined) return false;
  const age = ageAt(birthDate, nowMs, product.timezone);
  const [youngest, oldest] = product.eligibility.age;
  return age < youngest || age > oldest;
}

function isWrongRegion({ eligibility }: RuledProduct, { region, residenceRegion }: RuledApplicant): boolean {
  return eligibility.excluded_regions.some(
    (excluded) => region?.startsWith(excluded) === true || residenceRegion?.startsWith(excluded) === true,
  );
}

function isWrongAmount(product: RuledProduct, { requested }: RuledApplicant): boolean {
  if (requested === undefined) return false;
  const { amount, currency } = requested.amount;
  const isOnGrid = (amount - product.amount.min) % product.amount.step === 0;
  return currency !== product.currency || amount < product.amount.min || amount > product.amount.max || !isOnGrid;
}

function isWrongTerm({ term }: RuledProduct, { requested }: RuledApplicant): boolean {
  return requested !== undefined && (requested.term_unit !== term.unit || !term.options.includes(requested.term));
}

function isWrongPurpose({ eligibility: { purposes } }: RuledProduct, { requested }: RuledApplicant): boolean {
  return requested !== undefined && purposes.length > 0 && !purposes.includes(requested.purpose);
}

function isWrongOccupation({ eligibility }: RuledProduct, { stated }: RuledApplicant): boolean {
  if (stated === undefined || eligibility.excluded_occupations.length === 0) return false;
  const status = memberAt(stated, 'employment.status');
  return typeof status === 'string' && eligibility.excluded_occupations.includes(status);
}

function isWrongProfile({ eligibility, currency }: RuledProduct, applicant: RuledApplicant): boolean {
  const { stated, isComplete = false } = applicant;
  if (stated === undefined) return isComplete && eligibility.require.length > 0;
  if (eligibility.require.some((name) => isLacking(memberAt(stated, name), isComplete))) return true;
  const { min_monthly_income: least } = eligibility;
  const income = memberAt(stated, 'income.monthly') as { amount: number; currency: string } | undefined;
  return least !== undefined && income !== undefined && (income.currency !== currency || income.amount < least);
}

/** A fact that says the applicant is without it, or, where nothing more will be said, no fact at all. */
function isLacking(fact: unknown, isComplete: boolean): boolean {
  if (fact === undefined || fact === null || fact === '') return isComplete;
  return fact === false || fact === 'none' || (Array.isArray(fact) && fact.length === 0);
}

/** The next instant at which the hours are open: `nowMs` itself when they are open now. */
export function nextOpeningMs(hours: readonly string[], timezone: string, nowMs: number): number {
  if (hours.length === 0) return nowMs;
  const today = DateTime.fromMillis(nowMs, { zone: timezone }).startOf('day');
  let next = Number.POSITIVE_INFINITY;
  // Yesterday's hours may run past midnight into today.
  for (const offset of [-1, 0, 1]) {
    const day = today.plus({ days: offset });
    for (const span of hours) {
      const [from = '', to = ''] = span.split('-');
      const opens = atTime(day, from);
      const closes = to <= from ? atTime(day.plus({ days: 1 }), to) : atTime(day, to);
      if (nowMs >= opens && nowMs < closes) return nowMs;
      if (opens > nowMs) next = Math.min(next, opens);
    }
  }
  return next;
}

function atTime(day: DateTime, text: string): number {
  const [hour = 0, minute = 0] = text.split(':').map(Number);
  return (hour === 24 ? day.plus({ days: 1 }) : day.set({ hour, minute })).toMillis();
}
