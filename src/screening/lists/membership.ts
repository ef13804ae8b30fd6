import {
  CUSTOMER_STATUSES,
  type CustomerStatus,
  LIST_NAMES,
  LIST_REASONS,
  type ListName,
  type ListReason,
} from './entry.ts';

/** One list on which a token stands, as the index holds it. */
export interface PackedMembership {
  readonly list: ListName;
  /** Number of scope and contributor, see `ListSources`. */
  readonly source: number;
  /** `other` on the list customer, where the status takes its place. */
  readonly reason: ListReason;
  readonly status: CustomerStatus | null;
  /** Contributed in plain: the same stands under every indexed form. */
  readonly isPlain: boolean;
  /** A document with more than fits here stands behind it. */
  readonly hasDetails: boolean;
  readonly hasGroup: boolean;
  readonly isSuspended: boolean;
  /** Last day it counts, days since 1970-01-01; null = it never ends. */
  readonly expiresDay: number | null;
}

/**
 * Bytes of one membership: list (2 bits) and source (14 bits) · reason or status (4 bits) and flags (4 bits: 1 plain,
 * 2 details, 4 group, 8 suspended) · last day (16 bits, good until 2149; 0 = none). `change-index.lua` reads and sets the
 * same bits.
 */
export const MEMBERSHIP_BYTES = 5;
/** A value of that many is full and goes on in another field (see `change-index.lua`). */
export const MEMBERSHIPS_PER_VALUE = 12;
/** Sources that 14 bits can number. */
export const SOURCE_MAX = 0x3fff;

const PLAIN = 1;
const DETAILS = 2;
const GROUP = 4;
const SUSPENDED = 8;

/** List and source as the two bytes that say which membership of a token is meant. */
export function packListAndSource(list: ListName, source: number): number {
  return (LIST_NAMES.indexOf(list) << 14) | source;
}

/** Writes one membership at a place of a buffer. */
export function packMembership(one: PackedMembership, target: Buffer, at: number): void {
  target.writeUInt16BE(packListAndSource(one.list, one.source), at);
  const what = one.status === null ? LIST_REASONS.indexOf(one.reason) : CUSTOMER_STATUSES.indexOf(one.status);
  const flags =
    (one.isPlain ? PLAIN : 0) |
    (one.hasDetails ? DETAILS : 0) |
    (one.hasGroup ? GROUP : 0) |
    (one.isSuspended ? SUSPENDED : 0);
  target.writeUInt8((what << 4) | flags, at + 2);
  target.writeUInt16BE(one.expiresDay ?? 0, at + 3);
}

/** Reads all memberships of a value. */
export function unpackMemberships(value: Buffer): PackedMembership[] {
  const memberships: PackedMembership[] = [];
  for (let at = 0; at + MEMBERSHIP_BYTES <= value.length; at += MEMBERSHIP_BYTES) memberships.push(unpack(value, at));
  return memberships;
}

function unpack(value: Buffer, at: number): PackedMembership {
  const lists = value.readUInt16BE(at);
  const attributes = value.readUInt8(at + 2);
  const list = LIST_NAMES[lists >> 14] ?? 'block';
  const what = attributes >> 4;
  const day = value.readUInt16BE(at + 3);
  return {
    list,
    source: lists & SOURCE_MAX,
    reason: list === 'customer' ? 'other' : (LIST_REASONS[what] ?? 'other'),
    status: list === 'customer' ? (CUSTOMER_STATUSES[what] ?? null) : null,
    isPlain: (attributes & PLAIN) !== 0,
    hasDetails: (attributes & DETAILS) !== 0,
    hasGroup: (attributes & GROUP) !== 0,
    isSuspended: (attributes & SUSPENDED) !== 0,
    expiresDay: day === 0 ? null : day,
  };
}
