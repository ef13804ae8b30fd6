import { z } from '@hono/zod-openapi';
import { idSchema, referenceSchema } from '../../../http/common-schemas.ts';
import { bankCardSchema } from '../../schemas/applicant-schema.ts';
import { consentSchema } from '../../schemas/consent-schema.ts';
import { requestedSchema } from '../../schemas/requested-schema.ts';
import { webUrlSchema } from '../../schemas/scalars.ts';

const CONSENTS_MAX = 50;

/** What a partner sends to draw down. */
export const loanRequestSchema = z
  .strictObject({
    // Not extended: the document would ask for both shapes at once, and each of them allows no field of the other.
    ...requestedSchema.shape,
    partner_ref: referenceSchema.openapi({
      description: 'Your reference: the same again is a retry',
      example: 'DRAW-1',
    }),
    quote_id: idSchema('quo').optional().openapi({ description: 'The quote that the applicant has seen' }),
    card_id: idSchema('card')
      .optional()
      .openapi({ description: 'A card that was bound; without it and bank_card the default one' }),
    bank_card: bankCardSchema.optional(),
    consents: z.array(consentSchema).max(CONSENTS_MAX).optional().openapi({ description: 'Consents to the loan' }),
    return_url: webUrlSchema.optional().openapi({ description: 'Where the applicant comes back to' }),
  })
  .refine((body) => body.card_id === undefined || body.bank_card === undefined, {
    error: 'give card_id or bank_card, not both',
    path: ['bank_card'],
  })
  .openapi('LoanRequest', { description: 'A drawdown (用信)' });
