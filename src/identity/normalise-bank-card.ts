import { stripSeparators, toHalfWidth } from './half-width.ts';

/** What `normaliseBankCard` answers. */
export type NormalisedBankCard =
  | { ok: true; value: string; last4: string }
  | { ok: false; code: 'bank_card_malformed' | 'bank_card_checksum'; message: string };

/** Reads a card number: 12 to 19 digits (ISO/IEC 7812-1), spaces and dashes ignored, Luhn digit checked. */
export function normaliseBankCard(text: string): NormalisedBankCard {
  const value = stripSeparators(toHalfWidth(text));
  if (!/^[1-9]\d{11,18}$/.test(value)) {
    return { ok: false, code: 'bank_card_malformed', message: 'must be 12 to 19 digits' };
  }
  if (luhnDigit(value.slice(0, -1)) !== value.slice(-1)) {
    return {
      ok: false,
      code: 'bank_card_checksum',
      message: 'has a check digit that does not match: a digit is mistyped',
    };
  }
  return { ok: true, value, last4: value.slice(-4) };
}

/** The Luhn digit (ISO/IEC 7812-1 annex B) that completes these digits. */
export function luhnDigit(digits: string): string {
  let sum = 0;
  for (let fromRight = 0; fromRight < digits.length; fromRight += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - fromRight) - 48;
    const doubled = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += fromRight % 2 === 0 ? doubled : digit;
  }
  return String((10 - (sum % 10)) % 10);
}
