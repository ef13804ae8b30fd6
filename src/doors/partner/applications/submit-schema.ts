import { z } from '@hono/zod-openapi';
import { idSchema, referenceSchema } from '../../../http/common-schemas.ts';
import { applicantSchema } from '../../schemas/applicant-schema.ts';
import { consentSchema } from '../../schemas/consent-schema.ts';
import { deviceSchema } from '../../schemas/device-schema.ts';
import { documentSchema } from '../../schemas/document-schema.ts';
import { requestedSchema } from '../../schemas/requested-schema.ts';
import { partnerUserRefSchema, productIdSchema, webUrlSchema } from '../../schemas/scalars.ts';
import { subIdsSchema } from '../../schemas/sub-ids-schema.ts';
import { verificationSchema } from '../../schemas/verification-schema.ts';

const LIST_MAX = 50;

/** Ids of touches carry more than a number where they were made without a database. */
const touchId = (prefix: 'clk' | 'hnd') =>
  z
    .string()
    .max(256)
    .regex(new RegExp(`^${prefix}_[A-Za-z0-9_-]+$`), `must be an id that begins with ${prefix}_`);

/** What a partner sends to apply for somebody. */
export const submitSchema = z
  .strictObject({
    partner_ref: referenceSchema.openapi({
      description: 'Your reference: the same again is a retry',
      example: 'ORDER-1',
    }),
    partner_user_ref: partnerUserRefSchema,
    product_id: productIdSchema,
    precheck_id: idSchema('pre').nullish().openapi({ description: 'A precheck whose reservation and price count' }),
    click_id: touchId('clk').nullish().openapi({ description: 'The click that brought the applicant', example: null }),
    handoff_id: touchId('hnd')
      .nullish()
      .openapi({ description: 'The hand-off that brought the applicant', example: null }),
    requested: requestedSchema,
    applicant: applicantSchema,
    device: deviceSchema.nullish(),
    documents: z.array(documentSchema).max(LIST_MAX).optional().openapi({ description: 'Photos and files' }),
    verifications: z.array(verificationSchema).max(LIST_MAX).optional().openapi({ description: 'Checks made before' }),
    consents: z.array(consentSchema).max(LIST_MAX).optional().openapi({ description: 'Consents given' }),
    sub_ids: subIdsSchema.optional(),
    return_url: webUrlSchema.nullish().openapi({ description: 'Where the applicant comes back to' }),
  })
  .openapi('SubmitApplication', { description: 'An application' });

export type SubmitRequest = z.output<typeof submitSchema>;
