import type { MoneyEvent } from './money-event.ts';
import type { CommissionRule, ContractTerms } from './terms.ts';
import { UnsupportedTerms } from './unsupported-terms.ts';

/**
 * The key under which a rule pays once: `<contract>/<rule>/<scope>/<id>`, the same across versions of the contract. It
 * holds tokens and ids of ours, never an identity. Without `once_per` the event type decides: a click pays once a
 * visitor, application and credit events once an application, loan events once a loan, instalments once a payment.
 * Throws UnsupportedTerms when the event has no such object.
 */
export function onceKey(terms: ContractTerms, rule: CommissionRule, event: MoneyEvent): string {
  const scope = rule.once_per ?? defaultScope(event);
  const id = scopeId(scope, event);
  if (id === null) {
    throw new UnsupportedTerms(
      'once_per_unavailable',
      terms.id,
      rule.id,
      `${event.type} names no ${scope} to pay once per; use another once_per`,
    );
  }
  return `${terms.contract}/${rule.id}/${scope}/${id}`;
}

function defaultScope(event: MoneyEvent): string {
  if (event.type === 'click') return 'visitor';
  if (event.type.startsWith('installment.')) return 'payment';
  if (event.type.startsWith('loan.')) return 'loan';
  return 'application';
}

function scopeId(scope: string, event: MoneyEvent): string | null {
  switch (scope) {
    case 'visitor':
      return event.click?.visitor ?? null;
    case 'applicant':
      return event.application?.applicantToken ?? null;
    case 'application':
      return event.application?.id ?? null;
    case 'loan':
      return event.loan?.id ?? null;
    case 'payment':
      // A payment reference is the lender's word, unique only within its loan.
      return event.loan === null || event.payment === null ? null : `${event.loan.id}/${event.payment.ref}`;
    default:
      return null;
  }
}
