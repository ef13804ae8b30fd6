import { toHalfWidth } from './half-width.ts';
import type { HashForm } from './hash-forms.ts';
import { normaliseBankCard } from './normalise-bank-card.ts';
import { normaliseDeviceId } from './normalise-device-id.ts';
import type { IdFacts, IdKind } from './normalise-id-number.ts';
import { normaliseIdNumber, readIdPrefix } from './normalise-id-number.ts';
import { normaliseName } from './normalise-name.ts';
import { normalisePhone } from './normalise-phone.ts';
import type { Subject, SubjectIdentifier } from './subject.ts';

/** A plain identifier's `value` is the normalised text that is hashed. A masked one keeps the characters before its stars. */
export type Identifier =
  | { given: 'plain'; value: string }
  | { given: 'hash'; form: HashForm; hash: string }
  | { given: 'masked'; prefix: string };

/**
 * A subject ready to be tokenised and judged. `facts` come from a mainland id number in plain, or from a masked one that
 * shows its first 14 characters (then without sex).
 */
export type NormalisedSubject = {
  idKind: IdKind;
  phone?: Identifier;
  idNumber?: Identifier;
  phoneId?: { form: HashForm; hash: string };
  bankCard?: Identifier;
  deviceId?: Identifier;
  name?: Identifier;
  facts?: Omit<IdFacts, 'sex'> & { sex?: IdFacts['sex'] };
};

/** One fault: where (JSON pointer within the subject), a stable code, and what is wrong, never with the value itself. */
export type SubjectFault = { pointer: string; code: string; message: string };

type Normalised = { ok: true; value: string } | { ok: false; code: string; message: string };

/** Normalises every identifier of a subject; answers all faults at once. */
export function normaliseSubject(
  subject: Subject,
): { ok: true; subject: NormalisedSubject } | { ok: false; errors: SubjectFault[] } {
  const errors: SubjectFault[] = [];
  const read = (name: string, given: SubjectIdentifier | undefined, normalise: (text: string) => Normalised) => {
    if (given === undefined) return undefined;
    if (typeof given !== 'string') return readHidden(given);
    const result = normalise(given);
    if (result.ok) return { given: 'plain', value: result.value } satisfies Identifier;
    errors.push({ pointer: `/${name}`, code: result.code, message: result.message });
    return undefined;
  };
  const idKind = subject.id_kind ?? 'cn_resident';
  const normalised: NormalisedSubject = { idKind };
  const readIdNumber = (text: string): Normalised => {
    const result = normaliseIdNumber(text, idKind);
    if (result.ok && result.facts) normalised.facts = result.facts;
    return result;
  };
  assign(normalised, 'phone', read('phone', subject.phone, readPhone));
  assign(normalised, 'idNumber', read('id_number', subject.id_number, readIdNumber));
  assign(normalised, 'bankCard', read('bank_card', subject.bank_card, normaliseBankCard));
  assign(normalised, 'deviceId', read('device_id', subject.device_id, normaliseDeviceId));
  assign(normalised, 'name', read('name', subject.name, normaliseName));
  if (subject.phone_id) normalised.phoneId = firstHash(subject.phone_id);
  if (normalised.idNumber?.given === 'masked' && idKind === 'cn_resident') {
    const facts = readIdPrefix(normalised.idNumber.prefix);
    if (facts) normalised.facts = facts;
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, subject: normalised };
}

/** An absent identifier stays an absent key, so that normalised subjects compare and serialise alike. */
function assign<K extends keyof NormalisedSubject>(
  target: NormalisedSubject,
  key: K,
  value: NormalisedSubject[K] | undefined,
): void {
  if (value !== undefined) target[key] = value;
}

function readPhone(text: string): Normalised {
  const result = normalisePhone(text);
  return result.ok ? { ok: true, value: result.national } : result;
}

function readHidden(hidden: Exclude<SubjectIdentifier, string>): Identifier | undefined {
  if (hidden.masked !== undefined) {
    return { given: 'masked', prefix: toHalfWidth(hidden.masked).replace(/\*+$/, '').trim().toUpperCase() };
  }
  const first = firstHash(hidden);
  return first && { given: 'hash', ...first };
}

function firstHash(forms: {
  md5?: string;
  sha256?: string;
  sm3?: string;
}): { form: HashForm; hash: string } | undefined {
  if (forms.md5 !== undefined) return { form: 'md5', hash: forms.md5 };
  if (forms.sha256 !== undefined) return { form: 'sha256', hash: forms.sha256 };
  if (forms.sm3 !== undefined) return { form: 'sm3', hash: forms.sm3 };
  return undefined;
}
