import type { FeeAmount } from '../../pricing/schedule.ts';
import type { Quote } from './quote.ts';

type WireMoney = { amount: number; currency: string };
type WireFee = { kind: string; payee: string; amount: WireMoney };

/** A quote as partners read it; whoever issues it adds `id` and `valid_until`. */
export type WireQuote = {
  source: 'local' | 'lender';
  received: WireMoney;
  total: WireMoney;
  apr: string;
  apr_effective: string;
  cost: { interest: WireMoney; fees: WireFee[] };
  schedule: {
    no: number;
    due_on: string;
    principal: WireMoney;
    interest: WireMoney;
    fees: WireFee[];
    total: WireMoney;
  }[];
};

/** Spells a quote the way it travels: snake_case, `{amount, currency}` money. */
export function quoteToWire(quote: Quote): WireQuote {
  const money = (amount: bigint): WireMoney => ({ amount: Number(amount), currency: quote.currency });
  const fees = (list: readonly FeeAmount[]): WireFee[] =>
    list.map(({ kind, payee, amount }) => ({ kind, payee, amount: money(amount) }));
  return {
    source: quote.source,
    received: money(quote.received),
    total: money(quote.total),
    apr: quote.apr,
    apr_effective: quote.aprEffective,
    cost: { interest: money(quote.cost.interest), fees: fees(quote.cost.fees) },
    schedule: quote.schedule.map((instalment) => ({
      no: instalment.no,
      due_on: instalment.dueOn,
      principal: money(instalment.principal),
      interest: money(instalment.interest),
      fees: fees(instalment.fees),
      total: money(instalment.total),
    })),
  };
}
