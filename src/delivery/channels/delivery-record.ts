import { derivedId } from '../../base/ids.ts';
import type { PlacedEntry } from '../feed/feed-entry.ts';

/**
 * `waiting`: behind an earlier one about the same thing, or not tried yet; `retrying`: failed, will be tried again; `dead`:
 * given up; `delivered`.
 */
export type DeliveryState = 'waiting' | 'retrying' | 'dead' | 'delivered';
export const DELIVERY_STATES: readonly DeliveryState[] = ['waiting', 'retrying', 'dead', 'delivered'];

/** One event on its way to one place, as it is stored. Its body is made when it is sent. */
export interface DeliveryRecord {
  /** `dlv_…` */
  readonly id: string;
  /** Which of the channel's messages about the event it is; '' where there is one. */
  readonly part: string;
  /** `evt_…` */
  readonly event: string;
  readonly type: string;
  /** Place of the event in the feed. */
  readonly position: string;
  /** What it is about; deliveries about one thing keep their order. */
  readonly lane: string;
  readonly state: DeliveryState;
  /** Attempts that failed, and the one that did not. */
  readonly attempts: number;
  /** Epoch ms, real time; null = it was not tried. */
  readonly tried_ms: number | null;
  readonly status: number | null;
  readonly error: string | null;
  /** Epoch ms, real time; null = it waits for another, or is over. */
  readonly next_ms: number | null;
}

/** The record of what has not been tried. */
export function newRecord(partnerId: string, channel: string, entry: PlacedEntry, part: string): DeliveryRecord {
  return {
    id: derivedId('dlv', partnerId, channel, entry.id, part),
    part,
    event: entry.id,
    type: entry.type,
    position: entry.position,
    lane: entry.about,
    state: 'waiting',
    attempts: 0,
    tried_ms: null,
    status: null,
    error: null,
    next_ms: null,
  };
}

const TIME_DIGITS = 15;
const SEQUENCE_DIGITS = 9;
/** Parts of a member; ids of things hold no such character. */
const SEPARATOR = '|';

/** Member of the channel's queue: as text, members of one lane stand in the order of the feed. */
export function queueMember({ lane, position, id }: DeliveryRecord): string {
  const [time = '', sequence = ''] = position.split('-');
  return [lane, time.padStart(TIME_DIGITS, '0') + sequence.padStart(SEQUENCE_DIGITS, '0'), id].join(SEPARATOR);
}
