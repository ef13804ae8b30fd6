import { z } from '@hono/zod-openapi';
import { idSchema, instantSchema } from '../../../http/common-schemas.ts';
import { consentSchema } from '../../schemas/consent-schema.ts';
import { nextActionSchema } from '../../schemas/next-action-schema.ts';
import { bankCardNumberSchema, mobilePhoneSchema } from '../../schemas/scalars.ts';

const CONSENTS_MAX = 20;

/** What a partner sends to bind a card. */
export const bindCardSchema = z
  .strictObject({
    number: bankCardNumberSchema,
    bank_code: z
      .string()
      .regex(/^[A-Z0-9]{2,12}$/, 'must be 2–12 capital letters or digits')
      .optional()
      .openapi({ description: 'Code of the bank', example: 'ICBC' }),
    phone: mobilePhoneSchema.openapi({ description: 'Phone number reserved at the bank', example: '13800138000' }),
    consents: z
      .array(consentSchema)
      .max(CONSENTS_MAX)
      .optional()
      .openapi({ description: 'Consents of stage card that were not given before' }),
  })
  .openapi('BindCard', { description: 'A card to bind' });

/** A card as partners read it: never its number. */
export const cardSchema = z
  .object({
    id: idSchema('card').openapi({ description: 'Id; the same number is the same card' }),
    bank_code: z.string().nullable().openapi({ description: 'Code of the bank', example: 'ICBC' }),
    last4: z.string().openapi({ description: 'Last four digits', example: '0128' }),
    default: z.boolean().openapi({ description: 'Whether it is used where no card is named', example: true }),
    status: z.enum(['pending', 'active', 'refused', 'removed']).openapi({
      description: 'pending: waits for the lender or for next_action; active: can be used',
      example: 'active',
    }),
    reason: z.string().nullable().openapi({ description: 'Why it was refused', example: null }),
    next_action: nextActionSchema.nullable(),
    created_at: instantSchema.openapi({ description: 'When it was first given' }),
  })
  .openapi('Card', { description: 'A bank card for payout and debit' });
