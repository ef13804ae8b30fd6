import { normaliseBankCard } from '../identity/normalise-bank-card.ts';
import { normaliseIdNumber } from '../identity/normalise-id-number.ts';

const STARS = '***';
/** A shorter name would be found in any text. */
const KNOWN_MIN = 2;
/** A run of letters and digits as long as a mainland id number. */
const ID_NUMBER_LIKE = /(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])/g;
/**
 * Digits as many as a bank card mostly has, in groups or not, that begin as those of payment networks do (ISO/IEC 7812-1, major
 * industry 3–6): one in ten of all numbers has a check digit that fits, and references are numbers too.
 */
const CARD_LIKE = /(?<![0-9A-Za-z])[3-6]\d{3}(?:[ -]?\d{4}){3}(?:[ -]?\d{1,3})?(?![0-9A-Za-z])/g;
/** A mainland mobile number with or without the prefix of the country, in groups or not. */
const MOBILE_LIKE = /(?<![0-9A-Za-z])(?:(?:\+|00)?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![0-9A-Za-z])/g;
const EMAIL_LIKE = /[\w.%+-]+@[\w-]+(?:\.[\w-]+)+/g;
const COUNTRY = /(?<!\d)(?:\+|00)?86(?=1[3-9]\d{9}(?!\d))/g;
/** Digits enough to be somebody's number of some country. */
const LONG_DIGITS = /\d{7,}/g;

/**
 * A counterparty's free text without the applicant in it: references, reasons and messages are kept in the open, and some
 * people make them of a phone number.
 * @param known identities of the applicant in plain, as far as they are at hand
 */
export function withoutIdentities(text: string, known: readonly string[] = []): string {
  const named = known.reduce((rest, one) => (one.length < KNOWN_MIN ? rest : rest.replaceAll(one, STARS)), text);
  return named
    .replace(EMAIL_LIKE, STARS)
    .replace(ID_NUMBER_LIKE, (found) => (normaliseIdNumber(found).ok ? STARS : found))
    .replace(CARD_LIKE, (found) => (normaliseBankCard(found).ok ? STARS : found))
    .replace(MOBILE_LIKE, STARS);
}

/**
 * Where a code was sent, so that its reader knows it again and nobody else learns it: of a number the first three and the
 * last four digits at the most, of an e-mail address the first letter and the host.
 */
export function starredAddress(text: string): string {
  const joined = text.replace(/(?<=\d)[ -](?=\d)/g, '').replace(COUNTRY, '');
  return joined
    .replace(EMAIL_LIKE, (found) => `${found.charAt(0)}${STARS}${found.slice(found.lastIndexOf('@'))}`)
    .replace(LONG_DIGITS, (found) => {
      const shown = Math.min(4, found.length - 7);
      return `${found.slice(0, 3)}****${shown === 0 ? '' : found.slice(-shown)}`;
    });
}
