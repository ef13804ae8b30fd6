import type { OutboundRequest, OutboundResult } from '../outbound/create-outbound.ts';
import type { Attempt } from './channels/judge-answer.ts';
import type { ThingView } from './delivery-views.ts';
import type { PlacedEntry } from './feed/feed-entry.ts';

/**
 * How a partner with a standard of its own is called back: its dialect says what goes out and what an answer means, the channel
 * does the rest (order, attempts, breaker, records). A channel of the name `dialect` beside `webhook` takes one of these.
 */
export interface DialectCallback {
  /** Whether events of this type are told in this standard at all. */
  tells(type: string): boolean;
  /** The request, signed as the standard wants it; null = there is nothing to tell of this event. */
  request(entry: PlacedEntry, thing: ThingView): Promise<OutboundRequest | null>;
  /** Many standards say in the body, under 200, whether they took it. */
  judge(answer: OutboundResult): Attempt;
}
