import { stripSeparators, toHalfWidth } from '../../identity/half-width.ts';

/** A mainland mobile number as people read it, also while it is typed: `138 0013 8000`. Anything else stays as it is. */
export function groupPhone(typed: string): string {
  const digits = stripSeparators(toHalfWidth(typed));
  return /^1\d{0,10}$/.test(digits) ? grouped(digits, [3, 7]) : typed;
}

/** An id number: region, day of birth, the rest. */
export function groupIdNumber(typed: string): string {
  const characters = stripSeparators(toHalfWidth(typed)).toUpperCase();
  return /^\d{0,17}[\dX]?$/.test(characters) ? grouped(characters, [6, 14]) : typed;
}

/** A card number by fours. */
export function groupCard(typed: string): string {
  const digits = stripSeparators(toHalfWidth(typed));
  return /^\d{0,19}$/.test(digits) ? grouped(digits, [4, 8, 12, 16]) : typed;
}

function grouped(text: string, cuts: readonly number[]): string {
  const ends = [...cuts.filter((cut) => cut < text.length), text.length];
  return ends.map((end, at) => text.slice(at === 0 ? 0 : ends[at - 1], end)).join(' ');
}
