import { type Finding, STAYS_ON_AT, share } from './finding.ts';

/** Fewer refusals in a day are bad luck. */
const REFUSED_FROM = 30;
/** Of the cards of people who want a loan, most can be bound. */
const REFUSED_SHARE_FROM = 0.5;

/** Attempts to bind a card that have come to an end in a day. */
export interface CardCounts {
  readonly tried: number;
  readonly refused: number;
}

/** Many cards of one partner are refused: numbers may be tried rather than brought by their holders. */
export function detectCardTesting({ tried, refused }: CardCounts, isOn: boolean): Finding | undefined {
  const factor = isOn ? STAYS_ON_AT : 1;
  // Counted within a hundredth: there are no more than were tried.
  const refused_share = Math.min(1, share(refused, tried));
  if (refused < REFUSED_FROM * factor || refused_share < REFUSED_SHARE_FROM * factor) return undefined;
  return { kind: 'card_testing', window: '24h', evidence: { tried, refused, refused_share } };
}
