import { isIP } from 'node:net';
import { IANAZone } from 'luxon';
import { z } from 'zod';
import { Rational } from '../../base/rational.ts';

/** Time zone of terms and products where neither the file nor operator.yaml names one. */
export const DEFAULT_TIMEZONE = 'Asia/Shanghai';

/** Digits after the point that a decimal string may carry; more is a typing error, not a price. */
const MAX_DECIMAL_PLACES = 10;

const DECIMAL = new RegExp(`^(0|[1-9]\\d{0,8})(\\.\\d{1,${MAX_DECIMAL_PLACES}})?$`);
const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

/** Id of a counterparty, product or legal entity. */
export const idSchema = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{1,31}$/,
    'must be 2–32 characters: a lower-case letter, then lower-case letters, digits or -',
  );

/** Id of a terms version or a rule: it appears in statements, so it stays short and printable. */
export const labelSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1–64 letters, digits, ".", "_" or "-"');

/** A decimal string without sign or exponent, e.g. "1.5"; never a YAML number, which would be a binary fraction. */
export const decimalSchema = z
  .string({ error: 'must be a decimal in quotes, such as "1.5" (an unquoted number would lose exactness)' })
  .regex(DECIMAL, 'must be a plain decimal such as "1.5": no sign, no exponent, no % sign, at most 10 decimal places');

/** 0 to 100 as a decimal string: "1.2" = 1.2 %. */
export const percentSchema = decimalSchema.refine((value) => compareDecimals(value, '100') <= 0, {
  error: 'must be at most "100" (per cent)',
});

/** 0 to 1 as a decimal string: "0.18" = 18 %. */
export const fractionSchema = decimalSchema.refine((value) => compareDecimals(value, '1') <= 0, {
  error: 'must be a fraction of at most "1": write 18 % as "0.18"',
});

/** Integer minor units (分) of the currency named beside it. */
export const minorUnitsSchema = z
  .int({ error: 'must be an integer in minor units (分), without decimals' })
  .nonnegative('must not be negative');

export const positiveCountSchema = z.int({ error: 'must be a whole number' }).positive('must be at least 1');

/** A number of days, bounded by ten years. */
export const daysSchema = z.int({ error: 'must be a whole number of days' }).min(0).max(3650);

export const currencySchema = z
  .string()
  .refine((code) => CURRENCIES.has(code), { error: 'must be an ISO 4217 code such as CNY' });

export const timezoneSchema = z
  .string()
  .refine((zone) => IANAZone.isValidZone(zone), { error: 'must be an IANA time zone such as Asia/Shanghai' });

/** A calendar day, YYYY-MM-DD. */
export const dateSchema = z.iso.date({ error: 'must be a calendar day written YYYY-MM-DD' });

/** An instant with offset, RFC 3339. */
export const instantSchema = z.iso.datetime({
  offset: true,
  error: 'must be an instant with offset, such as 2026-01-01T00:00:00Z',
});

/** GB/T 2260: province, prefecture or county. A shorter code covers all below it. */
export const regionSchema = z
  .string({ error: 'must be a GB/T 2260 code in quotes, such as "54"' })
  .regex(/^(\d{2}|\d{4}|\d{6})$/, 'must be a GB/T 2260 code of 2, 4 or 6 digits');

export const envNameSchema = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,63}$/, 'must be the name of an environment variable, such as ACME_HMAC');

/** Whether https, public and allowed here depends on the environment and is checked with the whole set. */
export const urlSchema = z
  .string()
  .min(8)
  .max(2048)
  .regex(/^https?:\/\/[\x21-\x7e]+$/, 'must be an absolute URL in ASCII, without blanks');

/** One address or a CIDR block, IPv4 or IPv6. */
export const ipRangeSchema = z.string().refine(isIpRange, { error: 'must be an IP address or a CIDR block' });

export const partyStatusSchema = z
  .enum(['active', 'suspended', 'terminated'])
  .describe(
    'active; suspended = no new traffic, while reads, callbacks and accruals go on and payouts are held; terminated',
  );

/** Answers of the native doors; webhooks and pushes are signed whatever it says. */
export const signResponsesSchema = z
  .enum(['on_request', 'always'])
  .default('on_request')
  .describe('Which answers we sign (RFC 9421): those whose request has Accept-Signature, or always')
  .meta({ examples: ['always'] });

export const dialectNameSchema = z
  .string()
  .regex(
    /^(\.\/dialect\.ts|[a-z][a-z0-9]*(-[a-z0-9]+)*)$/,
    "must be openapi, a standard dialect's name, or ./dialect.ts",
  );

/** Compares two decimal strings exactly; text that `decimalSchema` refuses, and reports anyway, counts as zero. */
export function compareDecimals(left: string, right: string): -1 | 0 | 1 {
  const [first, second] = [left, right].map((text) => (DECIMAL.test(text) ? Rational.parse(text) : Rational.ZERO));
  return (first ?? Rational.ZERO).compare(second ?? Rational.ZERO);
}

function isIpRange(value: string): boolean {
  const [address = '', prefix, ...rest] = value.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  if (prefix === undefined) return true;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128);
}
