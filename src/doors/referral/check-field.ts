import { normaliseBankCard } from '../../identity/normalise-bank-card.ts';
import { normaliseIdNumber } from '../../identity/normalise-id-number.ts';
import { normaliseName } from '../../identity/normalise-name.ts';
import { normalisePhone } from '../../identity/normalise-phone.ts';
import { readMajor } from './page-money.ts';

/** How an input is checked. Text kinds carry the most characters they take. */
export type FieldCheck =
  | { readonly kind: 'name' | 'id_number' | 'phone' | 'otp' }
  | ValueCheck
  | { readonly kind: 'choice'; readonly options: readonly string[] }
  /** Minor units: from min to max, in steps counted from min. */
  | {
      readonly kind: 'amount';
      readonly currency: string;
      readonly min: number;
      readonly max: number;
      readonly step: number;
    };

/** Checks whose failure is told in general words. */
type ValueCheck =
  | { readonly kind: 'email' | 'date' | 'date_or_long' | 'any_phone' | 'bank_card' | 'bank_code' }
  | { readonly kind: 'text'; readonly max: number }
  | { readonly kind: 'money'; readonly currency: string };

/** What is wrong with an input, as the name of its sentence. */
export type FieldFault =
  | 'required'
  | 'chooseOne'
  | 'nameInvalid'
  | 'idInvalid'
  | 'phoneInvalid'
  | 'amountInvalid'
  | 'otpNeeded'
  | 'valueInvalid';

/** What the e-mail check of the field catalogue takes: a test holds the two together. */
const EMAIL = /^(?!\.)(?!.*\.\.)([A-Za-z0-9_'+\-.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9-]*\.)+[A-Za-z]{2,}$/;
const EMAIL_MAX = 254;
const ANY_PHONE = /^\+?[0-9][0-9 ()-]{4,30}$/;
const BANK_CODE = /^[A-Z0-9]{2,12}$/;
const CODE = /^\d{4,8}$/;
const NO_CONTROLS = /^\P{Cc}+$/u;
/** What people write for a card without end. */
export const LONG = /^(long|长期|長期)$/i;

/**
 * Checks one input as typed. The page's script and the server both ask here, so that they cannot differ. What passes here the
 * field catalogue takes as well.
 * @returns undefined when nothing is wrong
 */
export function fieldFault(check: FieldCheck, typed: string): FieldFault | undefined {
  const text = typed.trim();
  if (check.kind === 'choice') return check.options.includes(text) ? undefined : 'chooseOne';
  if (text === '') return check.kind === 'otp' ? 'otpNeeded' : 'required';
  switch (check.kind) {
    case 'name':
      return normaliseName(text).ok ? undefined : 'nameInvalid';
    case 'id_number':
      return normaliseIdNumber(text).ok ? undefined : 'idInvalid';
    case 'phone':
      return normalisePhone(text).ok ? undefined : 'phoneInvalid';
    case 'otp':
      return CODE.test(codeOf(text)) ? undefined : 'otpNeeded';
    case 'amount': {
      const amount = readMajor(text, check.currency);
      const fits = amount !== null && amount >= check.min && amount <= check.max;
      return fits && (amount - check.min) % check.step === 0 ? undefined : 'amountInvalid';
    }
    default:
      return isValue(check, text) ? undefined : 'valueInvalid';
  }
}

/** A code as people type or paste it: full-width digits, blanks and dashes between them. */
export function codeOf(typed: string): string {
  return typed.normalize('NFKC').replace(/[\s-]/g, '');
}

function isValue(check: ValueCheck, text: string): boolean {
  switch (check.kind) {
    case 'email':
      return text.length <= EMAIL_MAX && EMAIL.test(text);
    case 'date':
      return isDay(text);
    case 'date_or_long':
      return LONG.test(text) || isDay(text);
    case 'any_phone':
      return ANY_PHONE.test(text);
    case 'bank_card':
      return normaliseBankCard(text).ok;
    case 'bank_code':
      return BANK_CODE.test(text.toUpperCase());
    case 'money':
      return readMajor(text, check.currency) !== null;
    case 'text':
      return text.length <= check.max && NO_CONTROLS.test(text);
  }
}

/** `YYYY-MM-DD`, a day of the calendar. */
function isDay(text: string): boolean {
  const [, year = '', month = '', day = ''] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  if (year === '') return false;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
}
