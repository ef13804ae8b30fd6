import { Rational } from '../../base/rational.ts';
import type { Application, Credit } from '../model.ts';
import { APPLICATION_TRANSITIONS } from './application-transitions.ts';
import { isLate } from './apply-application-event.ts';
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
import { isUsed } from './loan-transitions.ts';
import { judgeTransition } from './transitions.ts';

type Granted = LenderEventOf<'credit.granted'>;
type Declined = LenderEventOf<'credit.declined'>;
type Expired = LenderEventOf<'credit.expired'>;
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
      return expire(application, event);
  }
}

/**
 * Where a credit ends, the application does too, unless it was used: then it stays granted, since its loans go on.
 */
export function closeExpiredCredit(application: Application, credit: Credit, at: string): Application {
  const used = application.loans.some(isUsed);
  return {
    ...application,
    status: application.status === 'credit_granted' && !used ? 'expired' : application.status,
    credit: { ...credit, status: 'closed' },
    last_occurred_at: latest(application.last_occurred_at, at),
  };
}

/** The lender changes an existing credit. Each field keeps the value that was set last in time, whatever came first. */
export function applyCreditUpdate(application: Application, event: Updated, facts: LenderFacts): Step {
  const { credit } = application;
  const late = isLate(application, event);
  if (credit === null) return maybeEarly(application, event, late);
  if (application.status !== 'credit_granted' && !late) return illegalForApplication(application.status, event.type);
  const tooDear = aprRefusal(event.data, facts);
  if (tooDear) return tooDear;
  const { reason, amount, min, step, ...rest } = event.data;
  const given: Partial<Credit> = {
    ...rest,
    ...(amount === undefined ? {} : { amount: amount.amount }),
    ...(min === undefined ? {} : { min: min.amount }),
    ...(step === undefined ? {} : { step: step.amount }),
  };
  const changed: Application = {
    ...application,
    credit: setFields(credit, given, event.occurred_at, application.status !== 'credit_granted'),
    last_occurred_at: latest(application.last_occurred_at, event.occurred_at),
  };
  const data = { ...given, currency: credit.currency, reason: reason ?? null };
  return applied(changed, [draft(event, 'credit.updated', data)]);
}

function setFields(credit: DatedCredit, given: Partial<Credit>, at: string, closed: boolean): Credit {
  const set_at: Record<string, string> = { ...credit.set_at };
  const wins = Object.entries(given).filter(([field, value]) => {
    return value !== undefined && at >= (set_at[field] ?? '');
  });
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
  const over = verdict.kind === 'history';
  const funderId = data.funder_id ?? application.funder_id ?? application.funder_ids[0] ?? null;
  const credit: Credit = {
    // Granted first and cancelled since, though heard of in the other order.
    status: over ? 'closed' : 'active',
    amount: data.amount.amount,
    min: data.min?.amount ?? null,
    step: data.step?.amount ?? null,
    currency: data.amount.currency,
    terms: data.terms ?? null,
    term_unit: facts.product.term.unit,
    pricing: data.pricing ?? null,
    apr: data.apr,
    expires_at: data.expires_at,
    grade: data.grade ?? null,
    funder_id: funderId,
  };
  const { amount, currency, apr, expires_at, grade } = credit;
  const granted = draft(event, 'credit.granted', { amount, currency, apr, expires_at, grade, funder_id: funderId });
  if (over) return applied({ ...application, credit, funder_id: funderId }, [granted]);
  const changed: Application = {
    ...application,
    status: verdict.to,
    reason: null,
    detail: null,
    retry_at: null,
    next_action: null,
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
  if (verdict.kind !== 'move') return illegalForApplication(status, event.type);
  const { reason } = event.data;
  const retry_at = keptOutUntil(event.data.retry_at, event.occurred_at, facts.product.refused_days);
  const changed: Application = {
    ...application,
    status: verdict.to,
    reason,
    retry_at,
    next_action: null,
    last_occurred_at: latest(application.last_occurred_at, event.occurred_at),
  };
  return applied(changed, [draft(event, 'credit.declined', { reason, retry_at })]);
}

function expire(application: Application, event: Expired): Step {
  const { credit, status } = application;
  if (credit === null) return maybeEarly(application, event, isLate(application, event));
  // Our own day count, or a cancellation, may have closed it already: nothing new.
  if (credit.status === 'closed') return applied(application, []);
  if (status !== 'credit_granted') return illegalForApplication(status, event.type);
  return applied(closeExpiredCredit(application, credit, event.occurred_at), [draft(event, 'credit.expired')]);
}

/** Without a credit the event waits for one, also where the application has ended since the event happened. */
function maybeEarly(application: Application, event: Updated | Expired, late: boolean): Step {
  const verdict = judgeTransition(APPLICATION_TRANSITIONS, application.status, event.type, false);
  const endedSince = late && (application.status === 'cancelled' || application.status === 'expired');
  if (verdict.kind === 'early' || endedSince) return EARLY;
  return illegalForApplication(application.status, event.type);
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
