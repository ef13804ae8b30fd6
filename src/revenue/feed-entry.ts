import { isoOf } from '../base/clock.ts';
import { derivedId } from '../base/ids.ts';

/** What a counterparty is told of its money. */
export type RevenueEventType =
  | 'commission.pending'
  | 'commission.payable'
  | 'commission.void'
  | 'commission.clawed_back'
  | 'statement.draft'
  | 'statement.issued'
  | 'statement.paid';

export interface Told {
  readonly type: RevenueEventType;
  /** The commission or statement that it is about. */
  readonly about: string;
  /** What makes it happen once where the same can happen again to the same thing: a revision, the line that took something. */
  readonly occasion?: string;
  /** When it happened in business time; absent = when it is booked. */
  readonly occurredAtMs?: number;
}

/** One entry of a counterparty's feed about its money. What it says of the thing itself is read when it is told. */
export interface RevenueFeedEntry {
  /** `evt_…` */
  readonly id: string;
  readonly type: RevenueEventType;
  readonly about: string;
  readonly occurred_at: string;
  readonly recorded_at: string;
}

/** @param atMs when it is booked */
export function feedEntry({ type, about, occasion = '', occurredAtMs }: Told, atMs: number): RevenueFeedEntry {
  return {
    id: derivedId('evt', type, about, occasion),
    type,
    about,
    occurred_at: isoOf(occurredAtMs ?? atMs),
    recorded_at: isoOf(atMs),
  };
}
