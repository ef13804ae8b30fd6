import { isIP } from 'node:net';
import { z } from 'zod';
import {
  bankCardIdentifierSchema,
  deviceIdIdentifierSchema,
  idKindSchema,
  idNumberIdentifierSchema,
  phoneIdentifierSchema,
  phoneIdIdentifierSchema,
} from '../../identity/subject.ts';
import { CUSTOMER_STATUSES, LIST_NAMES, LIST_REASONS, type ListScope, SCOPE_PATTERN } from './entry.ts';

/** Characters of a note. */
export const NOTE_MAX = 500;

/** Whom or what an entry is about: exactly one identifier, in plain or as one of its hashes. */
export const listSubjectSchema = z
  .strictObject({
    phone: phoneIdentifierSchema.optional(),
    id_number: idNumberIdentifierSchema.optional(),
    id_kind: idKindSchema.optional(),
    phone_id: phoneIdIdentifierSchema.optional(),
    bank_card: bankCardIdentifierSchema.optional(),
    device_id: deviceIdIdentifierSchema.optional(),
    ip: z
      .string()
      .max(45)
      .refine((text) => isIP(text) !== 0, 'must be an IPv4 or IPv6 address')
      .optional()
      .meta({ description: 'IPv4 or IPv6 address.', example: '203.0.113.7' }),
    region: z
      .string()
      .regex(/^\d{2}(\d{2}){0,2}$/, 'must be 2, 4 or 6 digits of GB/T 2260')
      .optional()
      .meta({ description: 'GB/T 2260 code or the first 2 or 4 digits of one: everybody in it.', example: '5401' }),
  })
  .meta({
    description: 'Exactly one identifier: phone, id_number, phone_id, bank_card, device_id, ip or region.',
    example: { phone: { md5: '7945bd83237335e5376ff44d62e4f0ae' } },
  });
export type ListSubject = z.infer<typeof listSubjectSchema>;

/** An entry as it is contributed. What its fields may hold together is judged by `checkEntry`. */
export const listEntrySchema = z.object({
  subject: listSubjectSchema,
  list: z.enum(LIST_NAMES).meta({
    description: '`block` refuses, `trust` passes soft rules, `customer` is a customer of a lender.',
    example: 'block',
  }),
  scope: z
    .string()
    .regex(SCOPE_PATTERN, 'must be network, funder:<id>, lender:<id> or partner:<id>')
    .transform((text) => text as ListScope)
    .meta({ description: 'Whose applications see it.', example: 'funder:harbour' }),
  reason: z.enum(LIST_REASONS).meta({
    description: 'Why. `overdue` and `good_standing` in lender and funder scope only.',
    example: 'overdue',
  }),
  status: z.enum(CUSTOMER_STATUSES).optional().meta({
    description: 'What the customer has with the lender; list `customer` only, and required there.',
    example: 'has_loan',
  }),
  retry_at: z.iso.datetime().optional().meta({
    description: 'From when a refused customer may ask again, RFC 3339; list `customer` only.',
    example: '2026-09-01T00:00:00Z',
  }),
  group: z
    .string()
    .regex(/^[\w.:/-]{1,64}$/, 'must be 1 to 64 letters, digits, _ . : / -')
    .optional()
    .meta({ description: 'Your own reference that the entries of one person share.', example: 'case-77' }),
  basis: z
    .strictObject({
      kind: z.string().min(1).max(32).meta({ description: 'What kind of thing it rests on.', example: 'contract' }),
      ref: z.string().min(1).max(128).meta({ description: 'Which one.', example: 'C-2026-0117' }),
    })
    .optional()
    .meta({ description: 'What the entry rests on, for whoever has to answer an appeal.' }),
  expires_on: z.iso.date().nullish().meta({
    description: 'Last day it counts (UTC), `YYYY-MM-DD`; absent = the longest that its kind may live.',
    example: '2026-12-31',
  }),
  note: z
    .string()
    .max(NOTE_MAX)
    .optional()
    .meta({ description: 'For people; no personal data.', example: 'repaid by guarantor' }),
});
export type ListEntryInput = z.infer<typeof listEntrySchema>;
