import { z } from '@hono/zod-openapi';
import { instantSchema } from '../../http/common-schemas.ts';
import { VERIFICATION_KINDS } from '../../registry/schema/field-catalogue.ts';
import { textSchema } from './scalars.ts';

/** A check of the applicant that was made before. */
export const verificationSchema = z
  .strictObject({
    kind: z.enum(VERIFICATION_KINDS).openapi({ description: 'What was checked', example: 'liveness' }),
    provider: textSchema(64).openapi({ description: 'Who checked', example: 'face-vendor' }),
    result: z.enum(['pass', 'fail', 'unknown']).openapi({ description: 'Result', example: 'pass' }),
    score: z.number().optional().openapi({ description: 'Score on the provider’s scale', example: 0.93 }),
    threshold: z.number().optional().openapi({ description: 'What counted as a pass, same scale', example: 0.8 }),
    ref: textSchema(128).optional().openapi({
      description: 'The provider’s reference; holds nothing of the person (a number that could be theirs is starred)',
      example: 'fv-20260101-7',
    }),
    at: instantSchema.openapi({ description: 'When', example: '2026-01-01T00:00:00.000Z' }),
  })
  .openapi('Verification', { description: 'A verification of the applicant' });

/** A check as it is shown: whoever made it. */
export const shownVerificationSchema = z
  .object({
    ...verificationSchema.shape,
    by: z
      .enum(['partner', 'sluice', 'lender'])
      .openapi({ description: 'Whose word it is: yours, ours, or the lender’s', example: 'partner' }),
  })
  .openapi('ShownVerification', { description: 'A verification of the applicant, and whose word it is' });
