import { z } from '@hono/zod-openapi';
import { idSchema, instantSchema } from '../../http/common-schemas.ts';
import { sha256Schema } from './scalars.ts';

/** A text to agree to with `{consents}`. */
const actionAgreementSchema = z
  .object({
    kind: z.string().openapi({ description: 'What is agreed to', example: 'loan_contract' }),
    document: z.string().openapi({ description: 'Name of the text', example: 'loan-contract' }),
    version: z.string().openapi({ description: 'Version of the text', example: '3' }),
    text_sha256: sha256Schema,
    url: z
      .string()
      .optional()
      .openapi({ description: 'Where it can be read', example: 'https://quickcredit.example/c/3' }),
  })
  .openapi('ActionAgreement', { description: 'A text that the lender asks the applicant to agree to' });

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
    agreements: z
      .array(actionAgreementSchema)
      .optional()
      .openapi({ description: 'Texts to agree to; absent with type agree = those of the product at that scene' }),
    url: z
      .string()
      .optional()
      .openapi({ description: 'Where to send the applicant', example: 'https://quickcredit.example/h5/1' }),
    sent_to: z
      .string()
      .optional()
      .openapi({ description: 'Where the code was sent, digits starred', example: '138****8000' }),
    message: z
      .string()
      .optional()
      .openapi({ description: 'What the lender says', example: 'Please add your employer' }),
    expires_at: instantSchema.openapi({ description: 'Until when it can be done' }),
  })
  .openapi('NextAction', { description: 'What the applicant has to do next' });
