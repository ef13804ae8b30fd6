import { z } from '@hono/zod-openapi';
import { idSchema, instantSchema } from '../../../http/common-schemas.ts';
import { partialApplicantSchema } from '../../schemas/applicant-schema.ts';
import { applicationSchema } from '../../schemas/application-schema.ts';
import { consentSchema } from '../../schemas/consent-schema.ts';
import { documentSchema } from '../../schemas/document-schema.ts';
import { verificationSchema } from '../../schemas/verification-schema.ts';

const LIST_MAX = 50;

/** Papers, as supplements and answers to an action carry them. */
export const papersShape = {
  applicant: partialApplicantSchema.optional(),
  documents: z.array(documentSchema).max(LIST_MAX).optional().openapi({ description: 'Photos and files' }),
  verifications: z.array(verificationSchema).max(LIST_MAX).optional().openapi({ description: 'Checks made since' }),
  consents: z.array(consentSchema).max(LIST_MAX).optional().openapi({ description: 'Consents given' }),
};

/** What the applicant did; which fields, the type of the action says. */
export const actionAnswerSchema = z
  .strictObject({
    ...papersShape,
    otp: z
      .string()
      .regex(/^[0-9A-Za-z]{3,12}$/, 'must be 3–12 letters or digits')
      .optional()
      .openapi({ description: 'The code, for otp; it is kept nowhere', example: '482913' }),
    card_id: idSchema('card').optional().openapi({ description: 'The bound card that was chosen, for card' }),
    returned: z
      .literal(true)
      .optional()
      .openapi({ description: 'The applicant has come back, for redirect', example: true }),
  })
  .openapi('ActionAnswer', {
    description:
      'By type of the action: supplement `{applicant?, documents?, verifications?}` with everything that it asks for; otp `{otp}`; agree `{consents}`; card `{card_id}`; redirect `{returned: true}` or `{}`',
  });

/** What has come of it. */
export const actionResultSchema = z
  .object({
    action_id: idSchema('act')
      .nullable()
      .openapi({ description: 'The action that was answered; null = nobody had asked' }),
    status: z.enum(['accepted', 'pending']).openapi({
      description: 'accepted: the lender has it; pending: it is recorded, and sent until the lender has it',
      example: 'accepted',
    }),
    application: applicationSchema,
  })
  .openapi('ActionResult', { description: 'What has come of an answer, and the application as it stands' });

/** A code that was sent again. */
export const resentSchema = z
  .object({
    action_id: idSchema('act').openapi({ description: 'The action' }),
    sent_to: z.string().nullable().openapi({
      description: 'Where it was sent, digits starred; null = the lender does not say',
      example: '138****8000',
    }),
    expires_at: instantSchema.openapi({ description: 'Until when the code can be given' }),
    next_resend_at: instantSchema.openapi({ description: 'From when another one may be asked for' }),
  })
  .openapi('ResentCode', { description: 'A code that was sent again' });
