import { stripSeparators, toHalfWidth } from './half-width.ts';

/** What `normalisePhone` answers. `national` is the text that is hashed and tokenised. */
export type NormalisedPhone =
  | { ok: true; e164: string; national: string }
  | { ok: false; code: 'phone_malformed'; message: string };

const MAINLAND_MOBILE = /^1[3-9]\d{9}$/;
const MAINLAND_WITH_CODE = /^\+?86(1[3-9]\d{9})$/;
/** E.164: a country code that does not begin with 0, fifteen digits at most. */
const E164 = /^\+[1-9]\d{6,14}$/;

const MALFORMED: NormalisedPhone = {
  ok: false,
  code: 'phone_malformed',
  message: 'must be a mainland mobile number of 11 digits, or an international number with + and the country code',
};

/**
 * Reads a phone number as people and partners write it: full-width digits, spaces, dashes, brackets, `+86`, `0086`, `86`.
 *
 * Mainland mobile numbers give `{ e164: "+8613800138000", national: "13800138000" }`. Numbers of other countries must come
 * with `+` or `00` and give their E.164 form as both: their digits alone can read as a mainland number (a German mobile
 * number has eleven digits and may begin with 15), and two people must never share a token.
 */
export function normalisePhone(text: string): NormalisedPhone {
  if (MAINLAND_MOBILE.test(text)) return mainland(text);
  const compact = stripSeparators(toHalfWidth(text)).replace(/[().]/g, '').replace(/^00/, '+');
  if (MAINLAND_MOBILE.test(compact)) return mainland(compact);
  const withCode = MAINLAND_WITH_CODE.exec(compact);
  if (withCode?.[1]) return mainland(withCode[1]);
  if (!E164.test(compact) || compact.startsWith('+86')) return MALFORMED;
  return { ok: true, e164: compact, national: compact };
}

function mainland(national: string): NormalisedPhone {
  return { ok: true, e164: `+86${national}`, national };
}
