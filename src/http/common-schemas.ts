import { z } from '@hono/zod-openapi';
import { type IdPrefix, isId } from '../base/ids.ts';
import { NOT_FOUND } from './field-errors.ts';

/** Largest amount in minor units: 10¹³, far above any loan and far below 2⁵³. */
const MAX_MINOR_UNITS = 10_000_000_000_000;

export const currencySchema = z
  .string()
  .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code, such as CNY')
  .openapi({ description: 'ISO 4217', example: 'CNY' });

export const moneySchema = z
  .strictObject({
    amount: z.int().min(0).max(MAX_MINOR_UNITS).openapi({ description: 'Minor units (分)', example: 500000 }),
    currency: currencySchema,
  })
  .openapi('Money', { description: 'An amount of money in minor units' });

/** As above, where an amount may be negative: balances, corrections. */
export const signedMoneySchema = z
  .strictObject({
    amount: z
      .int()
      .min(-MAX_MINOR_UNITS)
      .max(MAX_MINOR_UNITS)
      .openapi({ description: 'Minor units (分), negative = owed to us', example: -1200 }),
    currency: currencySchema,
  })
  .openapi('SignedMoney', { description: 'An amount of money in minor units, with its sign' });

/** In requests any offset is taken; answers are always UTC with milliseconds. */
export const instantSchema = z.iso
  .datetime({ offset: true, error: 'must be an RFC 3339 instant, such as 2026-01-01T00:00:00Z' })
  .refine(isFourDigitYear, 'must lie in a year of four digits, in UTC too')
  .openapi({ description: 'RFC 3339 instant', example: '2026-01-01T00:00:00.000Z' });

export const dateSchema = z.iso
  .date({ error: 'must be a calendar day written YYYY-MM-DD' })
  .openapi({ description: 'Calendar day', example: '2026-01-01' });

/** A day that is reckoned with, such as the end of a range: "9999-12-31" for "never" belongs to documents, not to books. */
export const bookDaySchema = dateSchema.refine((day) => day >= '1900' && day < '3000', 'must be a day of 1900 to 2999');

/** Instants are kept and compared as text, which is in order only while all years have four digits. */
function isFourDigitYear(instant: string): boolean {
  const ms = Date.parse(instant);
  return !Number.isNaN(ms) && /^\d{4}-/.test(new Date(ms).toISOString());
}

/** A reference of the partner's or lender's own. */
export const referenceSchema = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[\x21-\x7e]+$/, 'must be visible ASCII without spaces')
  .openapi({ description: 'Your own reference, at most 64 characters', example: 'ORDER-1' });

const EXAMPLE_ID = '1f8ac10f23c5b5bc1167bda84b833e5c';

/** One of our ids, in a body or a query. */
export function idSchema(prefix: IdPrefix) {
  return z
    .string()
    .regex(new RegExp(`^${prefix}_[0-9a-f]{32}$`), `must be an id that begins with ${prefix}_`)
    .openapi({ description: 'Id', example: `${prefix}_${EXAMPLE_ID}` });
}

/** One of our ids in a path. What has not even the shape of one is answered 404, like one that does not exist. */
export function pathIdSchema(prefix: IdPrefix) {
  return z
    .string()
    .refine((text) => isId(prefix, text), { error: 'no such id', params: { code: NOT_FOUND } })
    .openapi({ description: 'Id', example: `${prefix}_${EXAMPLE_ID}`, param: { name: 'id', in: 'path' } });
}

export const fieldErrorSchema = z
  .object({
    pointer: z
      .string()
      .openapi({ description: 'RFC 6901 pointer to the place', example: '/requested/amount/currency' }),
    in: z
      .enum(['query', 'path', 'header'])
      .optional()
      .openapi({ description: 'Where the pointer points; absent = the body' }),
    code: z.string().openapi({ description: 'Stable code of the fault', example: 'required' }),
    message: z.string().openapi({ description: 'What is wrong, in words', example: 'is required' }),
    missing: z.string().optional().openapi({
      description:
        'What is not there, by the name that the product’s requirements give it, with `field_missing` and `consent_missing`',
      example: 'documents.id_front',
    }),
  })
  .openapi('FieldError', { description: 'One fault of one place of the request' });

export const problemSchema = z
  .looseObject({
    type: z
      .url()
      .openapi({ description: 'Documentation of the code', example: 'https://api.example/docs/problems#not_found' }),
    title: z.string().openapi({
      description: 'The kind of problem, in the language of Accept-Language (zh, en)',
      example: 'The request does not fit the schema',
    }),
    status: z.int().openapi({ description: 'HTTP status', example: 422 }),
    detail: z
      .string()
      .optional()
      .openapi({ description: 'What happened this time', example: '/partner_ref: is required' }),
    code: z.string().openapi({ description: 'Stable code; decide by this', example: 'validation_failed' }),
    request_id: z.string().openapi({ description: 'Quote it when you ask us', example: `req_${EXAMPLE_ID}` }),
    help: z.url().optional().openapi({
      description: 'Sandbox, 401: how to have the refused signature explained',
      example: 'https://api.example/docs/guide/signing#diagnosis',
    }),
    errors: z.array(fieldErrorSchema).optional().openapi({ description: 'Each fault and its place' }),
  })
  .openapi('Problem', { description: 'RFC 9457 problem; further members depend on the code' });
