import { type QuotableProduct, quoteLocally } from '../../applications/quote/quote.ts';
import type { Language } from '../../http/accept-language.ts';
import { fillText } from './fill-text.ts';
import { percentText, shownMoney } from './page-money.ts';

/** Sentences of an estimate, by language already. */
export interface EstimateTexts {
  readonly estimateLevel: string;
  readonly estimateFalling: string;
  readonly estimateOnce: string;
  readonly estimateTotal: string;
  readonly estimateReceived: string;
}

export interface EstimateRequest {
  /** Minor units. */
  readonly amount: number;
  readonly term: number;
  /** The day of payout, `YYYY-MM-DD`. */
  readonly startOn: string;
  readonly language: Language;
  readonly texts: EstimateTexts;
}

/**
 * What a loan would cost, in a few sentences: as quoted, computed by the same functions on the page and on the server.
 * Empty for what the product does not offer.
 */
export function estimateLines(product: QuotableProduct, request: EstimateRequest): string[] {
  const { amount, term, startOn, language, texts } = request;
  const termUnit = product.term.unit;
  const result = quoteLocally(product, { amount: BigInt(amount), term, termUnit, startOn });
  if (!result.ok) return [];
  const { schedule, received, total, apr } = result.quote;
  const money = (minor: bigint): string => shownMoney(Number(minor), product.currency, language);
  const [first] = schedule;
  const last = schedule.at(-1);
  if (first === undefined || last === undefined) return [];
  const n = schedule.length;
  // Rounding is left to the last instalment: all others alike means level.
  const isLevel = schedule.every(({ total: one }, at) => at === n - 1 || one === first.total);
  const isNearlyLevel = isLevel && difference(last.total, first.total) <= BigInt(n);
  const each =
    n === 1
      ? fillText(texts.estimateOnce, { amount: money(last.total), date: last.dueOn })
      : isNearlyLevel
        ? fillText(texts.estimateLevel, { amount: money(first.total), n })
        : fillText(texts.estimateFalling, { first: money(first.total), last: money(last.total), n });
  const cost = money(total - received);
  return [
    each,
    fillText(texts.estimateTotal, { total: money(total), cost, apr: percentText(apr) }),
    ...(received < BigInt(amount) ? [fillText(texts.estimateReceived, { received: money(received) })] : []),
  ];
}

function difference(one: bigint, other: bigint): bigint {
  return one > other ? one - other : other - one;
}
