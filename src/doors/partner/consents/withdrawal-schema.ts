import { z } from '@hono/zod-openapi';
import { idSchema } from '../../../http/common-schemas.ts';
import { CONSENT_KINDS } from '../../../registry/schema/field-catalogue.ts';
import { applicationStatusSchema } from '../../schemas/application-schema.ts';
import { shownConsentSchema } from '../../schemas/consent-schema.ts';

const kindsSchema = z.array(z.enum(CONSENT_KINDS)).min(1).max(CONSENT_KINDS.length);

/** What a partner sends when its user takes consents back. */
export const withdrawalRequestSchema = z
  .strictObject({
    kinds: kindsSchema.openapi({ description: 'Kinds of consent that are taken back', example: ['credit_inquiry'] }),
    reason: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,63}$/, 'must be a lower-case word such as not_needed')
      .optional()
      .openapi({ description: 'A word of yours on why; holds nothing of the person', example: 'not_needed' }),
  })
  .openapi('ConsentWithdrawal', { description: 'Consents that the applicant takes back' });

/** What follows from it. */
export const withdrawalSchema = z
  .object({
    application_id: idSchema('app'),
    effect: z.enum(['application_cancelled', 'recorded', 'none']).openapi({
      description:
        '`application_cancelled`: it could not go on without, and the lender is told; `recorded`: noted, and the lender is told; `none`: no such consent was given',
      example: 'application_cancelled',
    }),
    status: applicationStatusSchema.openapi({ description: 'The application afterwards', example: 'cancelled' }),
    reason: z.string().nullable().openapi({ description: 'Why it ended', example: 'consent_withdrawn' }),
    withdrawn: z.array(shownConsentSchema).openapi({ description: 'The consents of these kinds, each withdrawn' }),
    not_given: z
      .array(z.enum(CONSENT_KINDS))
      .openapi({ description: 'Kinds of which there was no consent', example: [] }),
  })
  .openapi('ConsentWithdrawalResult', { description: 'What follows from taking consents back' });
