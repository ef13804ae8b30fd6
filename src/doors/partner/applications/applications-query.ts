import { z } from '@hono/zod-openapi';
import { instantSchema, referenceSchema } from '../../../http/common-schemas.ts';
import { pageQuery } from '../../../http/pagination.ts';
import { applicationStatusSchema } from '../../schemas/application-schema.ts';
import { textSchema } from '../../schemas/scalars.ts';

/** Which of a partner's applications; every filter narrows. */
export const applicationsQuerySchema = z.strictObject({
  ...pageQuery,
  partner_ref: referenceSchema.optional().openapi({ description: 'The one with this reference of yours' }),
  partner_user_ref: textSchema(64).optional().openapi({ description: 'Those of this user of yours', example: 'U1' }),
  status: applicationStatusSchema.optional().openapi({ description: 'Those in this status now' }),
  updated_after: instantSchema.optional().openapi({ description: 'Those that changed after this instant' }),
});

export type ApplicationsQuery = z.output<typeof applicationsQuerySchema>;
