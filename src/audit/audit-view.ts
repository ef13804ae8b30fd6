import { type AuditDraft, type AuditObject, type AuditValue, type AuditView, canonicalText } from './audit-entry.ts';

/** RFC 8785 form of one view, at most. */
export const AUDIT_VIEW_MAX_BYTES = 4_096;
/** Characters of a reason, at most. */
export const AUDIT_REASON_MAX = 500;
const OBJECT_ID_MAX = 200;
const DEPTH_MAX = 6;

/**
 * Words of field names that hold personal data or secrets. Names are split at `_`, so `phone`, `phone_token` and
 * `applicant_name` are refused while `telephone_book` would not be; a digest by any of these names is refused too.
 */
const FORBIDDEN_WORDS: ReadonlySet<string> = new Set([
  'phone',
  'mobile',
  'identity',
  'passport',
  'ssn',
  'subject',
  'applicant',
  'profile',
  'email',
  'address',
  'birth',
  'birthday',
  'contacts',
  'iban',
  'ip',
  'secret',
  'secrets',
  'token',
  'tokens',
  'password',
  'authorization',
  'otp',
  'pem',
  'jwk',
  'sealed',
]);
const FORBIDDEN_NAMES =
  /^(id_(number|card)|bank_card|card_number|device_id|full_name|(person|customer|borrower)_name|private_key)$/;
/** What looks like a mainland phone, an identity number, a card number or one of our secrets, whatever the field is called. */
const FORBIDDEN_TEXT =
  /(?<![0-9A-Za-z])(?:\+?86[ -]?)?1[3-9]\d{9}(?![0-9A-Za-z])|(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])|(?<![0-9A-Za-z])\d{16,19}(?![0-9A-Za-z])|slo_[\w-]{20,}|whsec_\S{8,}/;
/**
 * The same in what people type: digits of either width, in the groups in which numbers are read out. Ids and views of ours
 * are never written like that.
 */
const TYPED_DIGIT = '[0-9\uff10-\uff19]';
const TYPED_GAP = '[ \\-.\u3000]?';
const typed = (groups: readonly (number | string)[]): string =>
  groups.map((size) => `${TYPED_DIGIT}{${size}}`).join(TYPED_GAP);
const TYPED_TEXTS = new RegExp(
  `${FORBIDDEN_TEXT.source}|(?<![0-9A-Za-z\uff10-\uff19])(?:${[
    `(?:\\+?86${TYPED_GAP})?[1\uff11][3-9\uff13-\uff19]${typed([1, 4, 4])}`,
    `${typed([6, 4, 4, 3])}[0-9\uff10-\uff19XxＸｘ]`,
    typed([4, 4, 4, 4, '0,3']),
  ].join('|')})(?![0-9A-Za-z\uff10-\uff19])`,
  'g',
);

/** What may not be in a view and where it is (RFC 6901); the value itself is not repeated. */
export interface ViewFault {
  readonly pointer: string;
  readonly why: 'forbidden_name' | 'forbidden_text' | 'not_json' | 'too_deep' | 'too_large';
}

/** A view, an object or an action that must not be written: a fault of the caller's code. */
export class AuditViewError extends Error {
  override readonly name = 'AuditViewError';
}

/** The first thing in a view that must not be written to the audit log, null when it may be written. */
export function faultOfView(view: AuditView): ViewFault | null {
  const fault = faultOfValue(view, '', 0);
  if (fault !== null) return fault;
  return Buffer.byteLength(canonicalText(view)) > AUDIT_VIEW_MAX_BYTES ? { pointer: '', why: 'too_large' } : null;
}

/**
 * @throws AuditViewError for an object or `before` that must not be written; it happens before the act
 */
export function assertAuditable(draft: Pick<AuditDraft, 'action' | 'object' | 'before'>): void {
  const { action, object, before } = draft;
  if (!/^[a-z][a-z_]{1,31}\.[a-z][a-z_]{1,31}$/.test(action)) throw new AuditViewError(`${action} is no action`);
  const faulty = faultOfObject(object);
  if (faulty !== null) throw new AuditViewError(`the object of ${action}: ${faulty}`);
  const fault = before === null ? null : faultOfView(before);
  if (fault !== null) throw new AuditViewError(`before of ${action}: ${fault.why} at ${fault.pointer || 'its root'}`);
}

/** A view of what has happened already: what must not be written is replaced by the name of its fault. */
export function redactedView(view: AuditView): { readonly view: AuditView; readonly fault: ViewFault | null } {
  const fault = faultOfView(view);
  return fault === null ? { view, fault } : { view: { withheld: fault.why, pointer: fault.pointer }, fault };
}

/** A reason as it is kept: cut to its bound, what looks like a phone, an identity number or a token starred out. */
export function redactedReason(reason: string): string {
  const redacted = reason.replace(TYPED_TEXTS, (found) => `${found.slice(0, 2)}${'*'.repeat(found.length - 2)}`);
  const characters = [...redacted];
  return characters.length > AUDIT_REASON_MAX ? `${characters.slice(0, AUDIT_REASON_MAX - 1).join('')}…` : redacted;
}

/** Whether a text may not be the id of an object: names that people choose are asked before they are taken. */
export function looksLikeIdentity(text: string): boolean {
  return FORBIDDEN_TEXT.test(text);
}

function faultOfObject({ kind, id }: AuditObject): string | null {
  if (!/^[a-z][a-z_]{1,31}$/.test(kind)) return `${kind} is no kind`;
  if (id === '' || id.length > OBJECT_ID_MAX) return `its id has ${id.length} characters`;
  return looksLikeIdentity(id) ? 'its id looks like an identity or a secret' : null;
}

function faultOfValue(value: AuditValue, pointer: string, depth: number): ViewFault | null {
  if (depth > DEPTH_MAX) return { pointer, why: 'too_deep' };
  if (typeof value === 'string') return FORBIDDEN_TEXT.test(value) ? { pointer, why: 'forbidden_text' } : null;
  if (typeof value === 'number') return faultOfNumber(value, pointer);
  if (value === null || typeof value === 'boolean') return null;
  if (typeof value !== 'object') return { pointer, why: 'not_json' };
  for (const [name, member] of Object.entries(value)) {
    // Names of fields are looked at, positions in lists are not.
    const own = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (!Array.isArray(value) && isForbiddenName(name)) return { pointer: own, why: 'forbidden_name' };
    const fault = faultOfValue(member, own, depth + 1);
    if (fault !== null) return fault;
  }
  return null;
}

/** RFC 8785 has no form for NaN. Digits are not looked at: an amount may well look like a phone. */
function faultOfNumber(value: number, pointer: string): ViewFault | null {
  return Number.isFinite(value) ? null : { pointer, why: 'not_json' };
}

function isForbiddenName(name: string): boolean {
  const lower = name.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
  return FORBIDDEN_NAMES.test(lower) || lower.split(/[_.\- ]/).some((word) => FORBIDDEN_WORDS.has(word));
}
