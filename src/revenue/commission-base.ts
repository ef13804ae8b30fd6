import type { EventPayment, MoneyEvent } from './money-event.ts';
import type { CommissionRule, ContractTerms } from './terms.ts';
import { UnsupportedTerms } from './unsupported-terms.ts';

const DEFAULT_BASE = 'principal';

/** The amount that a percent applies to, and its name for people. */
export interface CommissionBase {
  /** Minor units of the terms' currency. */
  readonly amount: bigint;
  /** "principal", "interest + fees.service" */
  readonly name: string;
}

/**
 * Σ of what `of` names: of the payment on an instalment, of the loan otherwise. A fee kind that a payment does not have
 * counts zero. Throws UnsupportedTerms when the event carries no such amount, or carries it in another currency.
 */
export function commissionBase(terms: ContractTerms, rule: CommissionRule, event: MoneyEvent): CommissionBase {
  const of = rule.pay.of ?? DEFAULT_BASE;
  const names = typeof of === 'string' ? [of] : of;
  const currency = event.loan?.currency ?? null;
  if (currency !== null && currency !== terms.currency) {
    throw new UnsupportedTerms(
      'currency_mismatch',
      terms.id,
      rule.id,
      `the loan is in ${currency}, the terms in ${terms.currency}; a percent needs one currency`,
    );
  }
  let amount = 0n;
  for (const name of names) {
    const part = event.payment === null ? partOfLoan(name, event) : partOfPayment(name, event.payment);
    if (part === null) {
      throw new UnsupportedTerms('base_unavailable', terms.id, rule.id, `${event.type} carries no ${name}`);
    }
    amount += part;
  }
  return { amount, name: names.join(' + ') };
}

/** `amount` is what was asked of the object: the loan's principal, or the credit granted. */
function partOfLoan(name: string, { loan, application }: MoneyEvent): bigint | null {
  if (name === 'amount') return loan?.principal ?? application?.creditAmount ?? null;
  if (name === 'principal') return loan?.principal ?? null;
  return name === 'received' ? (loan?.received ?? null) : null;
}

function partOfPayment(name: string, payment: EventPayment): bigint | null {
  switch (name) {
    case 'principal':
      return payment.principal;
    case 'interest':
      return payment.interest;
    case 'penalty':
      return payment.penalty;
    case 'fees':
      return payment.fees.reduce((sum, fee) => sum + fee.amount, 0n);
    default: {
      if (!name.startsWith('fees.')) return null;
      const kind = name.slice('fees.'.length);
      return payment.fees.filter((fee) => fee.kind === kind).reduce((sum, fee) => sum + fee.amount, 0n);
    }
  }
}
