import { z } from '@hono/zod-openapi';
import { instantSchema } from '../../http/common-schemas.ts';

/** A contact. */
export const touchSchema = z
  .object({
    kind: z
      .enum(['claim', 'submission', 'click', 'handoff', 'precheck'])
      .openapi({ description: 'What kind of contact', example: 'submission' }),
    id: z
      .string()
      .nullable()
      .openapi({ description: 'Its id; null for another partner’s', example: 'app_1f8ac10f23c5b5bc1167bda84b833e5c' }),
  })
  .openapi('Touch', { description: 'A contact' });

const partnerIdSchema = z
  .string()
  .nullable()
  .openapi({ description: 'Whose it is; null = nobody’s, or another partner’s', example: 'acme' });

const candidateSchema = z
  .object({
    touch: touchSchema,
    partner_id: partnerIdSchema,
    at: instantSchema.openapi({ description: 'When it happened' }),
    age_seconds: z.int().openapi({ description: 'Age when it was decided, seconds', example: 0 }),
    valid: z.boolean().openapi({ description: 'Whether it counted', example: true }),
    why: z.string().openapi({ description: 'Why it won or lost', example: 'submitted_by' }),
  })
  .openapi('AttributionCandidate', { description: 'A contact that could have earned the application' });

/** Who introduced an application, and everything that was considered. */
export const attributionSchema = z
  .object({
    model: z.enum(['first_valid', 'last_valid']).openapi({ description: 'Which touch wins', example: 'last_valid' }),
    winner: z
      .object({
        partner_id: partnerIdSchema,
        via: z
          .enum(['api', 'click', 'handoff', 'lender'])
          .nullable()
          .openapi({ description: 'How the applicant came', example: 'api' }),
        reason: z.string().openapi({ description: 'Why it won', example: 'submitted_by' }),
        touch: touchSchema.nullable(),
      })
      .nullable()
      .openapi({ description: 'Who earns; null = direct' }),
    candidates: z.array(candidateSchema).openapi({ description: 'Every contact that was considered' }),
    decided_at: instantSchema.openapi({ description: 'When it was decided, once and for all' }),
  })
  .openapi('AttributionVerdict', { description: 'Who introduced it, and why' });
