import { DateTime } from 'luxon';
import { ageAt } from '../identity/age.ts';
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
  };
}

/** What is known of the applicant and the wish; what is absent is not judged. */
export interface RuledApplicant {
  readonly birthDate?: string;
  /** GB/T 2260 code of the id number. */
  readonly region?: string;
  /** GB/T 2260 code of the stated residence. */
  readonly residenceRegion?: string;
  readonly requested?: {
    readonly amount: { readonly amount: number; readonly currency: string };
    readonly term: number;
    readonly term_unit: 'month' | 'day';
    readonly purpose: string;
  };
}

/** Whether the product takes applications now: `closed` with `paused`, `hours` or `suspended`. */
export function closedNow(
  product: RuledProduct,
  parties: { readonly partnerActive: boolean; readonly lenderActive: boolean },
  nowMs: number,
): Refusal | undefined {
  if (!parties.partnerActive || !parties.lenderActive || product.status === 'closed') {
    return refusal('closed', { detail: 'suspended' });
  }
  if (product.status === 'paused') return refusal('closed', { detail: 'paused' });
  const opensMs = nextOpeningMs(product.hours, product.timezone, nowMs);
  return opensMs === nowMs ? undefined : refusal('closed', { detail: 'hours', retryAtMs: opensMs });
}

/** `ineligible` with the first detail that applies: age, region, amount, term, purpose. */
export function ineligibleFor(product: RuledProduct, applicant: RuledApplicant, nowMs: number): Refusal | undefined {
  const detail =
    wrongAge(product, applicant, nowMs) ?? wrongRegion(product, applicant) ?? wrongWish(product, applicant.requested);
  return detail === undefined ? undefined : refusal('ineligible', { detail });
}

function wrongAge(product: RuledProduct, { birthDate }: RuledApplicant, nowMs: number): string | undefined {
  if (birthDate === undefined) return undefined;
  const age = ageAt(birthDate, nowMs, product.timezone);
  const [youngest, oldest] = product.eligibility.age;
  return age < youngest || age > oldest ? 'age' : undefined;
}

function wrongRegion(product: RuledProduct, applicant: RuledApplicant): string | undefined {
  const regions = [applicant.region, applicant.residenceRegion].filter((region) => region !== undefined);
  const isExcluded = regions.some((region) =>
    product.eligibility.excluded_regions.some((excluded) => region.startsWith(excluded)),
  );
  return isExcluded ? 'region' : undefined;
}

function wrongWish(product: RuledProduct, requested: RuledApplicant['requested']): string | undefined {
  if (requested === undefined) return undefined;
  const { amount, currency } = requested.amount;
  const onGrid = (amount - product.amount.min) % product.amount.step === 0;
  if (currency !== product.currency || amount < product.amount.min || amount > product.amount.max || !onGrid) {
    return 'amount';
  }
  if (requested.term_unit !== product.term.unit || !product.term.options.includes(requested.term)) return 'term';
  const { purposes } = product.eligibility;
  return purposes.length > 0 && !purposes.includes(requested.purpose) ? 'purpose' : undefined;
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
