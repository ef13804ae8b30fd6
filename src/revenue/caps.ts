import type { CounterValue } from './counters.ts';
import { spoken } from './decimal-money.ts';
import type { CommissionRule, ContractTerms } from './terms.ts';

/** What a cap leaves of an amount. */
export type CapVerdict =
  | { readonly result: 'within' }
  | { readonly result: 'reduced'; readonly amount: bigint; readonly how: string }
  | { readonly result: 'exceeded'; readonly how: string };

/**
 * Holds an amount against the rule's caps. Over the count, or with nothing left of the amount, the line is void; an
 * amount cap that has something left pays that.
 * @param counter the cap's counter before this line
 */
export function applyCaps(
  terms: ContractTerms,
  rule: CommissionRule,
  amount: bigint,
  counter: CounterValue,
): CapVerdict {
  const { caps } = rule;
  if (caps === undefined) return { result: 'within' };
  if (caps.count !== undefined && counter.count >= BigInt(caps.count)) {
    return { result: 'exceeded', how: `the cap of ${caps.count} a ${caps.per} was already reached` };
  }
  if (caps.amount === undefined) return { result: 'within' };
  const left = BigInt(caps.amount) - counter.paid;
  if (amount <= left) return { result: 'within' };
  const cap = `the cap of ${spoken(BigInt(caps.amount), terms.currency)} a ${caps.per}`;
  if (left <= 0n) return { result: 'exceeded', how: `${cap} was already reached` };
  return { result: 'reduced', amount: left, how: `${cap} left ${spoken(left, terms.currency)} of it` };
}
