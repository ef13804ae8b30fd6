import { DAY_MS } from '../../base/clock.ts';
import { LIST_KINDS, type ListKind } from './entry.ts';
import { type ListEntryInput, type ListSubject, NOTE_MAX } from './entry-schema.ts';

/** One fault of an entry: where (JSON pointer within the entry), a stable code, and what is wrong, never with the value. */
export interface EntryFault {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}

/** `expiresDay` in days since 1970-01-01 (UTC), the last one it counts; null = it never ends. */
export type CheckedEntry =
  | { readonly ok: true; readonly kind: ListKind; readonly expiresDay: number | null }
  | { readonly ok: false; readonly faults: readonly EntryFault[] };

/** A phone number, a device and an address change hands; after half a year they may be somebody else's. */
const SHORT_LIFE_DAYS = 180;
/** Five years, leap days included: what is held against a person ends then. */
const LONG_LIFE_DAYS = 1826;

/** Days that an entry of each kind may stand at the most; null = for ever. */
export const LIFE_DAYS = {
  phone: SHORT_LIFE_DAYS,
  device_id: SHORT_LIFE_DAYS,
  ip: SHORT_LIFE_DAYS,
  id_number: LONG_LIFE_DAYS,
  phone_id: LONG_LIFE_DAYS,
  bank_card: LONG_LIFE_DAYS,
  region: null,
} as const satisfies Readonly<Record<ListKind, number | null>>;

/** What everybody may know; a debt or good standing is between a borrower and who lent. */
const NETWORK_REASONS = new Set(['fraud', 'device_unidentified', 'deceased', 'litigation']);
const CREDIT_REASONS = new Set(['overdue', 'good_standing']);
const TRUST_REASONS = new Set(['good_standing', 'other']);

const LOOKS_LIKE_IDENTITY = /(^|\D)(1[3-9]\d{9}|\d{15}|\d{17}[\dXx])(\D|$)/;

/**
 * Whether an entry may stand on the lists, with all its faults at once.
 * @param today days since 1970-01-01 (UTC), in business time
 */
export function checkEntry(entry: ListEntryInput, today: number): CheckedEntry {
  const kind = kindOf(entry.subject);
  if (kind === undefined) {
    return {
      ok: false,
      faults: [
        { pointer: '/subject', code: 'subject_not_one', message: `must hold exactly one of ${LIST_KINDS.join(', ')}` },
      ],
    };
  }
  const expiry = checkExpiry(kind, entry.expires_on ?? null, today);
  const faults = [maskedFault(entry.subject, kind), ...listingFaults(entry), ...textFaults(entry), expiry.fault].filter(
    (fault) => fault !== undefined,
  );
  return faults.length > 0 ? { ok: false, faults } : { ok: true, kind, expiresDay: expiry.day };
}

/** What an entry's list, scope, reason and status may not be together. */
export function listingFaults(entry: Omit<ListEntryInput, 'subject'>): readonly EntryFault[] {
  return [scopeFault(entry), reasonFault(entry), ...customerFaults(entry)].filter((fault) => fault !== undefined);
}

/** The kind of the one identifier; undefined when there is none or more than one. */
export function kindOf(subject: ListSubject): ListKind | undefined {
  const given = LIST_KINDS.filter((kind) => subject[kind] !== undefined);
  return given.length === 1 ? given[0] : undefined;
}

/** Days since 1970-01-01 of an instant, by UTC. */
export function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS);
}

/** `2026-12-31` → days since 1970-01-01. */
export function dayOfDate(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS;
}

/** Days since 1970-01-01 → `2026-12-31`. */
export function dateOfDay(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** The last day that an entry counts: as given, else as long as its kind may live. */
export function checkExpiry(
  kind: ListKind,
  expiresOn: string | null,
  today: number,
): { readonly day: number | null; readonly fault?: EntryFault } {
  const life = LIFE_DAYS[kind];
  const longest = life === null ? null : today + life;
  if (expiresOn === null) return { day: longest };
  const day = dayOfDate(expiresOn);
  const fault = (code: string, message: string) => ({ day, fault: { pointer: '/expires_on', code, message } });
  if (day < today) return fault('expires_in_past', 'is before today (UTC)');
  if (longest !== null && day > longest) {
    return fault('expires_too_late', `a ${kind} may stand for ${life} days at the most`);
  }
  return { day };
}

function maskedFault(subject: ListSubject, kind: ListKind): EntryFault | undefined {
  const given = subject[kind];
  if (typeof given !== 'object' || !('masked' in given) || given.masked === undefined) return undefined;
  return {
    pointer: `/subject/${kind}`,
    code: 'masked_not_listed',
    message: 'must be plain or a hash: a masked one is nobody',
  };
}

function scopeFault({ list, scope }: Omit<ListEntryInput, 'subject'>): EntryFault | undefined {
  if (list !== 'customer' || scope.startsWith('lender:')) return undefined;
  return {
    pointer: '/scope',
    code: 'scope_not_for_list',
    message: 'a customer is a customer of one lender: lender:<id>',
  };
}

function reasonFault({ list, scope, reason }: Omit<ListEntryInput, 'subject'>): EntryFault | undefined {
  const fault = (code: string, message: string): EntryFault => ({ pointer: '/reason', code, message });
  const isCreditor = scope.startsWith('lender:') || scope.startsWith('funder:');
  if (CREDIT_REASONS.has(reason) && !isCreditor) {
    return fault('reason_not_in_scope', `${reason} belongs in the scope of a lender or a funder`);
  }
  if (scope === 'network' && !NETWORK_REASONS.has(reason)) {
    return fault('reason_not_in_scope', `in network scope the reason is one of ${[...NETWORK_REASONS].join(', ')}`);
  }
  if (list === 'trust' && !TRUST_REASONS.has(reason)) {
    return fault('reason_not_for_list', `nobody is trusted for ${reason}; say good_standing or other`);
  }
  if (list === 'block' && reason === 'good_standing') {
    return fault('reason_not_for_list', 'nobody is blocked for good standing');
  }
  return undefined;
}

function customerFaults({ list, status, retry_at }: Omit<ListEntryInput, 'subject'>): (EntryFault | undefined)[] {
  if (list === 'customer') {
    return status === undefined
      ? [{ pointer: '/status', code: 'status_missing', message: 'is required on the list customer' }]
      : [];
  }
  return [
    status === undefined
      ? undefined
      : { pointer: '/status', code: 'status_not_for_list', message: 'belongs on the list customer only' },
    retry_at === undefined
      ? undefined
      : { pointer: '/retry_at', code: 'retry_at_not_for_list', message: 'belongs on the list customer only' },
  ];
}

/** What people type into free fields is kept readable: an identity must not slip in there. */
function textFaults({ group, note, basis }: Omit<ListEntryInput, 'subject'>): (EntryFault | undefined)[] {
  const texts = { '/group': group, '/note': note, '/basis/ref': basis?.ref };
  return Object.entries(texts).map(([pointer, text]) => textFault(pointer, text ?? ''));
}

/** The fault of a free text that holds what looks like an identity, or is too long. */
export function textFault(pointer: string, text: string): EntryFault | undefined {
  if (text.length > NOTE_MAX)
    return { pointer, code: 'text_too_long', message: `has more than ${NOTE_MAX} characters` };
  if (!LOOKS_LIKE_IDENTITY.test(text)) return undefined;
  return {
    pointer,
    code: 'text_holds_identity',
    message: 'looks like a phone or id number; those belong in subject only',
  };
}
