import { z } from '@hono/zod-openapi';
import { idSchema, instantSchema } from '../../http/common-schemas.ts';

/** What the applicant has to do next. */
export const nextActionSchema = z
  .object({
    id: idSchema('act').openapi({ description: 'Answer it at POST /v1/actions/{id}' }),
    type: z
      .enum(['supplement', 'redirect', 'otp', 'agree', 'card'])
      .openapi({ description: 'What is asked for', example: 'supplement' }),
    scene: z
      .enum(['apply', 'card', 'drawdown', 'repay'])
      .openapi({ description: 'What waits for it', example: 'apply' }),
    fields: z
      .array(z.string())
      .optional()
      .openapi({ description: 'Fields of the applicant', example: ['employment.employer'] }),
    documents: z
      .array(z.string())
      .optional()
      .openapi({ description: 'Kinds of documents', example: ['face'] }),
    verifications: z
      .array(z.string())
      .optional()
      .openapi({ description: 'Kinds of verifications', example: ['liveness'] }),
    url: z
      .string()
      .optional()
      .openapi({ description: 'Where to send the applicant', example: 'https://quickcredit.example/h5/1' }),
    message: z
      .string()
      .optional()
      .openapi({ description: 'What the lender says', example: 'Please add your employer' }),
    expires_at: instantSchema.openapi({ description: 'Until when it can be done' }),
  })
  .openapi('NextAction', { description: 'What the applicant has to do next' });
