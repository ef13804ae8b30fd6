import type { OutboundRequest } from '../../outbound/create-outbound.ts';
import type { FeedEntry, PlacedEntry } from '../feed/feed-entry.ts';
import type { ChannelPlace } from './channel-store.ts';

/** One message as it goes out now. */
export type Prepared =
  | {
      readonly kind: 'ready';
      readonly request: OutboundRequest;
      /** What the lane has been told of its money once this has arrived (JSON); absent = nothing changes. */
      readonly told?: string;
    }
  /** Something that it has to say is not known yet; asked again after a while, and no attempt is counted. */
  | { readonly kind: 'later'; readonly waitMs: number }
  /** There is nothing to say any more: what it is about is gone, or must not be told. */
  | { readonly kind: 'nothing' }
  /** It could not be made: counted as an attempt. */
  | { readonly kind: 'fault' };

/** Where a partner is told of events over one way, and what it is told there. */
export interface Destination extends ChannelPlace {
  readonly kind: 'webhook' | 'postback';
  /** Host that it leads to, for people. */
  readonly host: string;
  /** Fingerprint of where it leads: a channel that was switched off is on again once this changes. */
  readonly target: string;
  /** Messages that an event makes there, by name; none = it is not told there. */
  partsOf(entry: FeedEntry): readonly string[];
  /** @param told what the lane was told of its money before (JSON) */
  prepare(entry: PlacedEntry, part: string, lane: LaneMemory): Promise<Prepared>;
}

/** What a channel remembers of a lane between messages. */
export interface LaneMemory {
  /** What was last told of its money, as JSON; undefined = nothing. */
  told(): Promise<string | undefined>;
  /** Keeps what is about to be told, before it is: the same message sent again says the same. */
  remember(text: string): Promise<void>;
}
