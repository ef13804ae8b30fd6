import { z } from '@hono/zod-openapi';
import { normaliseBankCard } from '../../identity/normalise-bank-card.ts';
import { normalisePhone } from '../../identity/normalise-phone.ts';

const URL_MAX = 2_048;
const LOOPBACK = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?(\/|$)/;

/** Unicode's Cc, written without the `u` flag: the pattern stands in the OpenAPI, where flags cannot. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is kept out
const NO_CONTROLS = /^[^\u0000-\u001f\u007f-\u009f]+$/;

/** Free text of a bounded length, without control characters. */
export function textSchema(max: number) {
  return z.string().min(1).max(max).regex(NO_CONTROLS, 'must not hold control characters');
}

/**
 * An address that a browser may be sent to: https, or http on this very machine while integrating. It is kept and passed on
 * as it was sent, in headers too, so it has to be what RFC 3986 calls a URI: ASCII, without blanks.
 */
export const webUrlSchema = z
  .string()
  .max(URL_MAX)
  .superRefine((url, context) => {
    const message = webUrlFault(url);
    if (message !== null) context.addIssue({ code: 'custom', message, params: { code: 'format' } });
  })
  .openapi({ format: 'uri', description: 'https URL', example: 'https://acme.example/back' });

function webUrlFault(url: string): string | null {
  if (!/^[\x21-\x7e]*$/.test(url)) return 'must be ASCII without blanks: percent-encode what is not';
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) return 'must be an absolute URL';
  const { username, password } = new URL(url);
  if (username !== '' || password !== '') return 'must not carry a user name or password';
  return url.startsWith('https://') || LOOPBACK.test(url) ? null : 'must be https';
}

/** GB/T 2260. */
export const regionSchema = z
  .string()
  .regex(/^(\d{2}|\d{4}|\d{6})$/, 'must be a GB/T 2260 code of 2, 4 or 6 digits')
  .openapi({ description: 'GB/T 2260 code of 2, 4 or 6 digits', example: '110105' });

export const sha256Schema = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits')
  .openapi({
    description: 'SHA-256, lower-case hex',
    example: '1f212fe83d6f443cd139f97af42ce337f704a6d5c02f0d0c99370df181e2ba32',
  });

/** A mobile number that a code can be sent to. */
export const mobilePhoneSchema = z
  .string()
  .max(32)
  .superRefine((text, context) => {
    const read = normalisePhone(text);
    if (!read.ok) context.addIssue({ code: 'custom', message: read.message, params: { code: read.code } });
  })
  .openapi({ description: 'Mobile phone number', example: '13800138000' });

/** Any number, a landline too. */
export const anyPhoneSchema = z
  .string()
  .regex(/^\+?[0-9][0-9 ()-]{4,30}$/, 'must be a phone number')
  .openapi({ description: 'Phone number, landlines too', example: '010-66554433' });

export const bankCardNumberSchema = z
  .string()
  .max(40)
  .superRefine((text, context) => {
    const read = normaliseBankCard(text);
    if (!read.ok) context.addIssue({ code: 'custom', message: read.message, params: { code: read.code } });
  })
  .openapi({ description: 'Card number, 12–19 digits, Luhn-checked', example: '6222021234567890128' });

export const ipSchema = z
  .union([z.ipv4(), z.ipv6()], { error: 'must be an IP address' })
  .openapi({ description: 'IPv4 or IPv6 address', example: '203.0.113.7' });

/** Days or months; the unit stands beside it. */
export const termSchema = z.int().min(1).max(3650).openapi({ description: 'Term, in term_unit', example: 12 });

export const termUnitSchema = z.enum(['month', 'day']).openapi({ description: 'Unit of the term', example: 'month' });

export const rateSchema = z
  .string()
  .openapi({ description: 'Decimal fraction a year: "0.18" = 18 %', example: '0.18' });

/** A product's, partner's, lender's or funder's id from the counterparty files. */
export const nameIdSchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,31}$/, 'must be 2–32 characters: a lower-case letter, then letters, digits or -');

export const productIdSchema = nameIdSchema.openapi({ description: 'Product id', example: 'quick-cash' });

export const purposeSchema = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,31}$/, 'must be a lower-case word such as consumption')
  .openapi({ description: 'What the money is for; one of the product’s purposes', example: 'consumption' });

export const partnerUserRefSchema = textSchema(64)
  .nullish()
  .openapi({ description: 'Your own id of the user, at most 64 characters; shown back everywhere', example: 'U1' });
