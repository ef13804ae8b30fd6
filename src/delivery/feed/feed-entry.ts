import type { PartnerEvent } from '../../registry/schema/event-names.ts';

/**
 * One entry of a partner's feed. It says that something happened and to what; what the thing looks like is read when it is
 * told. Entries about commissions and statements are written by the script that books them, all others by the projection.
 */
export interface FeedEntry {
  /** `evt_…`: the same event has the same id in every feed, webhook and postback. */
  readonly id: string;
  readonly type: PartnerEvent;
  /** The application, registration, product, commission or statement that it is about. Its events keep their order. */
  readonly about: string;
  /** RFC 3339. */
  readonly occurred_at: string;
  /** RFC 3339. */
  readonly recorded_at: string;
  /** The loan, where it is about one. */
  readonly loan_id?: string;
  /** The partner whose feed it is earns by what it is about. */
  readonly earns?: true;
  /** What the event itself tells, in the words of the wire; see `eventFacts`. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** An entry with its place in the feed, a stream id. */
export interface PlacedEntry extends FeedEntry {
  readonly position: string;
}

/** @param fields of a stream entry: `e` and its JSON */
export function readEntry(position: string, fields: readonly string[]): PlacedEntry {
  return { ...(JSON.parse(fields[1] ?? '{}') as FeedEntry), position };
}
