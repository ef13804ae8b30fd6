import { Rational } from '../../base/rational.ts';
import type { Application, Credit, CreditPrice } from '../model.ts';
import { judgePricing } from '../quote/credit-pricing.ts';
import { APPLY, settleActions } from './actions.ts';
import { APPLICATION_TRANSITIONS } from './application-transitions.ts';
import { isCrossing, isLate } from './apply-application-event.ts';
import { applyCreditExpiry, statusSetAt, whileNoCredit } from './credit-expiry.ts';
import type { DatedCredit } from './dated.ts';
import {
  applied,
  draft,
  EARLY,
  illegalForApplication,
  keptOutUntil,
  type LenderFacts,
  latest,
  type Rejection,
  rejected,
  type Step,
} from './decision.ts';
import type { LenderEventOf } from './lender-event.ts';
import { judgeTransition } from './transitions.ts';

type Granted = LenderEventOf<'credit.granted'>;
type Declined = LenderEventOf<'credit.declined'>;
type Updated = LenderEventOf<'credit.updated'>;

/** The lender grants a credit, declines one, or lets one end. */
export function applyCreditDecision(
  application: Application,
  event: LenderEventOf<'credit.granted' | 'credit.declined' | 'credit.expired'>,
  facts: LenderFacts,
): Step {
  switch (event.type) {
    case 'credit.granted':
      return grant(application, event, facts);
    case 'credit.declined':
      return decline(application, event, facts);
    case 'credit.expired':
      return applyCreditExpiry(application, event);
  }
}

/** The lender changes an existing credit. Each field keeps the value that was set last in time, whatever came first. */
export function applyCreditUpdate(application: Application, event: Updated, facts: LenderFacts): Step {
  const { credit } = application;
  const late = isLate(application, event);
  if (credit === null) return whileNoCredit(application, event, late);
  if (application.status !== 'credit_granted' && !late) return illegalForApplication(application.status, event.type);
  const tooDear = aprRefusal(event.data, facts);
  if (tooDear) return tooDear;
  const { reason, amount, min, step, pricing, ...rest } = event.data;
  const limits = { ...rest, ...(amount && { amount: amount.amount }), ...(min && { min: min.amount }) };
  const priced = pricesOf(pricing, { ...credit, ...limits }, facts);
  if (priced.refusal) return priced.refusal;
  const given: Partial<Credit> = {
    ...limits,
    ...(step && { step: step.amount }),
    ...(priced.pricing && { pricing: priced.pricing }),
  };
  const superseded = supersededFields(credit, given, event.occurred_at);
  const changed: Application = {
    ...application,
    credit: setFields(credit, given, superseded, event.occurred_at, application.status !== 'credit_granted'),
    last_occurred_at: latest(application.last_occurred_at, event.occurred_at),
  };
  const data = {
    ...given,
    currency: credit.currency,
    reason: reason ?? null,
    ...(superseded.length > 0 ? { superseded } : {}),
  };
  return applied(changed, [draft(event, 'credit.updated', data)]);
}

/** Fields that were set later in time, though they were heard of first. */
function supersededFields(credit: DatedCredit, given: Partial<Credit>, at: string): string[] {
  const setAt = (field: string): string => (field === 'status' ? statusSetAt(credit) : (credit.set_at?.[field] ?? ''));
  return Object.keys(given).filter((field) => at < setAt(field));
}

function setFields(
  credit: DatedCredit,
  given: Partial<Credit>,
  superseded: readonly string[],
  at: string,
  closed: boolean,
): Credit {
  const set_at: Record<string, string> = { ...credit.set_at };
  const wins = Object.entries(given).filter(([field, value]) => value !== undefined && !superseded.includes(field));
  for (const [field] of wins) set_at[field] = at;
  const next: DatedCredit = { ...credit, ...Object.fromEntries(wins), set_at };
  return closed ? { ...next, status: 'closed' } : next;
}

function grant(application: Application, event: Granted, facts: LenderFacts): Step {
  const { status } = application;
  const verdict = judgeTransition(APPLICATION_TRANSITIONS, status, event.type, isLate(application, event));
  if (verdict.kind === 'early') return EARLY;
  if (verdict.kind === 'illegal' || application.credit !== null) return illegalForApplication(status, event.type);
  const tooDear = aprRefusal(event.data, facts);
  if (tooDear) return tooDear;
  const { data } = event;
  const misfit = misfitOf(data);
  if (misfit) return misfit;
  const amounts = { amount: data.amount.amount, min: data.min?.amount ?? null };
  const priced = pricesOf(data.pricing, amounts, facts);
  if (priced.refusal) return priced.refusal;
  const over = verdict.kind === 'history';
  const funderId = data.funder_id ?? application.funder_id ?? application.funder_ids[0] ?? null;
  const credit: Credit = {
    // Granted first and cancelled since, though heard of in the other order.
    status: over ? 'closed' : 'active',
    ...amounts,
    step: data.step?.amount ?? null,
    currency: data.amount.currency,
    terms: data.terms ?? null,
    term_unit: facts.product.term.unit,
    pricing: priced.pricing ?? null,
    apr: data.apr,
    expires_at: data.expires_at,
    grade: data.grade ?? null,
    funder_id: funderId,
    granted_at: event.occurred_at,
  };
  const { status: _, ...told } = credit;
  const granted = draft(event, 'credit.granted', told);
  const settled = settleActions(application, APPLY, event.occurred_at);
  if (over) return applied({ ...settled, credit, funder_id: funderId }, [granted]);
  const changed: Application = {
    ...settled,
    status: verdict.to,
    reason: null,
    detail: null,
    retry_at: null,
    credit,
    funder_id: funderId,
    last_occurred_at: latest(application.last_occurred_at, event.occurred_at),
  };
  return applied(changed, [granted]);
}

function decline(application: Application, event: Declined, facts: LenderFacts): Step {
  const { status } = application;
  const verdict = judgeTransition(APPLICATION_TRANSITIONS, status, event.type, isLate(application, event));
  if (verdict.kind === 'early') return EARLY;
  const { reason } = event.data;
  const retry_at = keptOutUntil(event.data.retry_at, event.occurred_at, facts.product.refused_days);
  const declined = draft(event, 'credit.declined', { reason, retry_at });
  // The applicant had wanted no more of it before the lender said so: it was over already.
  if (status === 'cancelled' && isCrossing(application, event)) return applied(application, [declined]);
  if (verdict.kind !== 'move') return illegalForApplication(status, event.type);
  const changed: Application = {
    ...application,
    status: verdict.to,
    reason,
    retry_at,
    last_occurred_at: latest(application.last_occurred_at, event.occurred_at),
  };
  return applied(changed, [declined]);
}

/** What the parts of a grant do not allow one another; of later changes each may come by itself. */
function misfitOf({ amount, min, terms, pricing = [] }: Granted['data']): Rejection | undefined {
  if (min !== undefined && min.amount > amount.amount) {
    return rejected('schema_invalid', `/data/min: ${min.amount} is above the amount granted, ${amount.amount}`);
  }
  const stray = terms && pricing.find(({ term }) => !terms.includes(term));
  return stray && rejected('schema_invalid', `/data/pricing: the term ${stray.term} is not one of terms`);
}

/** The prices of a credit, complete; nothing where none were stated. */
function pricesOf(
  stated: Granted['data']['pricing'],
  { amount, min }: Pick<Credit, 'amount' | 'min'>,
  { product }: LenderFacts,
): { readonly pricing?: readonly CreditPrice[]; readonly refusal?: Rejection } {
  if (stated === undefined) return {};
  const judged = judgePricing(stated, { min: min ?? product.amount?.min ?? amount, max: amount }, product);
  return judged.ok ? { pricing: judged.pricing } : { refusal: rejected(judged.code, judged.detail) };
}

function aprRefusal(
  data: { readonly apr?: string; readonly pricing?: readonly { readonly apr?: string }[] },
  facts: LenderFacts,
): Rejection | undefined {
  const cap = Rational.parse(facts.product.apr_cap);
  const rates = [data.apr, ...(data.pricing ?? []).map((price) => price.apr)].filter((rate) => rate !== undefined);
  const above = rates.find((rate) => Rational.parse(rate).compare(cap) > 0);
  return above === undefined
    ? undefined
    : rejected('apr_above_cap', `an apr of ${above} is above the product's cap of ${facts.product.apr_cap}`);
}
