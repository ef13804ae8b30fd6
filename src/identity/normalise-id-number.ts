import { stripSeparators, toHalfWidth } from './half-width.ts';

/** The kinds of identity document that an applicant may be known by; `cn_resident` is the default everywhere. */
export const ID_KINDS = ['cn_resident', 'cn_permit', 'passport', 'in_pan', 'us_ssn', 'other'] as const;
export type IdKind = (typeof ID_KINDS)[number];

/** What a mainland id number says about its holder. `birthDate` is `YYYY-MM-DD`, `region` a GB/T 2260 code (6 digits). */
export type IdFacts = { region: string; birthDate: string; sex: 'male' | 'female' };

/** What `normaliseIdNumber` answers. `facts` is there for `cn_resident` only. */
export type NormalisedIdNumber =
  | { ok: true; value: string; facts?: IdFacts }
  | { ok: false; code: IdNumberFault; message: string };

export type IdNumberFault = 'id_number_malformed' | 'id_number_region' | 'id_number_birth_date' | 'id_number_checksum';

/** GB 11643-1999 §4.2 (ISO 7064 MOD 11-2): the weights of the first 17 digits, and the check character by remainder. */
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2] as const;
const CHECK_CHARACTERS = '10X98765432';

/** GB/T 2260 province codes, with 81–83 for residents of Hong Kong, Macao and Taiwan who hold a mainland residence number. */
const PROVINCES = new Set(
  '11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83'.split(' '),
);

/** Other countries' documents are 4 to 32 letters, digits and `/` after trimming. */
const OTHER_DOCUMENT = /^[A-Z0-9/]{4,32}$/;

const MESSAGES: Record<IdNumberFault, string> = {
  id_number_malformed: 'must be 18 characters (17 digits and a digit or X), or the older 15 digits',
  id_number_region: 'does not begin with a province code of GB/T 2260',
  id_number_birth_date: 'holds a birth date that is not in the calendar',
  id_number_checksum: 'has a check character that does not match (GB 11643): a digit is mistyped',
};

/**
 * Reads an identity document number. Mainland numbers are made upper-case, lengthened from 15 to 18 characters and
 * checked: province, birth date, check character of GB 11643. Other kinds are only trimmed and made upper-case.
 */
export function normaliseIdNumber(text: string, kind: IdKind = 'cn_resident'): NormalisedIdNumber {
  const compact = stripSeparators(toHalfWidth(text)).toUpperCase();
  if (kind !== 'cn_resident') {
    if (OTHER_DOCUMENT.test(compact)) return { ok: true, value: compact };
    return { ok: false, code: 'id_number_malformed', message: 'must be 4 to 32 letters and digits' };
  }
  const value = /^\d{15}$/.test(compact) ? lengthen(compact) : compact;
  if (!/^\d{17}[\dX]$/.test(value)) return fault('id_number_malformed');
  if (!PROVINCES.has(value.slice(0, 2))) return fault('id_number_region');
  const birthDate = birthDateOf(value);
  if (birthDate === undefined) return fault('id_number_birth_date');
  if (idNumberCheckCharacter(value.slice(0, 17)) !== value.charAt(17)) return fault('id_number_checksum');
  const sex = Number(value.charAt(16)) % 2 === 1 ? 'male' : 'female';
  return { ok: true, value, facts: { region: value.slice(0, 6), birthDate, sex } };
}

/** The check character (`0`–`9` or `X`) that belongs to the first 17 digits of a mainland id number. */
export function idNumberCheckCharacter(first17: string): string {
  const sum = WEIGHTS.reduce((total, weight, at) => total + weight * (first17.charCodeAt(at) - 48), 0);
  return CHECK_CHARACTERS.charAt(sum % 11);
}

/** What the first 14 characters say (region and birth date); undefined when they are no id number's beginning. */
export function readIdPrefix(prefix: string): Omit<IdFacts, 'sex'> | undefined {
  if (!/^\d{14}/.test(prefix) || !PROVINCES.has(prefix.slice(0, 2))) return undefined;
  const birthDate = birthDateOf(prefix);
  return birthDate === undefined ? undefined : { region: prefix.slice(0, 6), birthDate };
}

function birthDateOf(value: string): string | undefined {
  const [year, month, day] = [Number(value.slice(6, 10)), Number(value.slice(10, 12)), Number(value.slice(12, 14))];
  if (year < 1800 || year > 2199) return undefined;
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  return date.toISOString().slice(0, 10);
}

/** Numbers of 15 digits were issued to people born in the 1900s: the century goes in, the check character comes after. */
function lengthen(old: string): string {
  const first17 = `${old.slice(0, 6)}19${old.slice(6)}`;
  return first17 + idNumberCheckCharacter(first17);
}

function fault(code: IdNumberFault): NormalisedIdNumber {
  return { ok: false, code, message: MESSAGES[code] };
}
