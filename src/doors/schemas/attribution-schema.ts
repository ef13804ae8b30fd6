import { z } from '@hono/zod-openapi';
import { WHY_CODES } from '../../attribution/why-codes.ts';
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

const windowSchema = z
  .object({
    min_seconds: z.int().openapi({ description: 'Youngest touch that counted, seconds; itself counted', example: 15 }),
    max_days: z.int().openapi({ description: 'Oldest touch that counted, days; itself counted', example: 30 }),
    first_or_last: z
      .enum(['first', 'last'])
      .openapi({ description: 'Which valid touch wins where this partner has the latest', example: 'last' }),
  })
  .openapi({ description: 'What of a partner’s touches counted then' });

const candidateSchema = z
  .object({
    touch: touchSchema,
    partner_id: partnerIdSchema,
    link_code: z
      .string()
      .nullable()
      .openapi({ description: 'Link of a click; null for another partner’s', example: 'acme-home' }),
    at: instantSchema.openapi({ description: 'When it happened' }),
    age_seconds: z
      .int()
      .openapi({ description: 'Age when the applicant came, seconds; below 0 = it came later', example: 0 }),
    valid: z.boolean().openapi({
      description: 'Whether it could have earned it; what is valid and is not the winner says in `why` what beat it',
      example: true,
    }),
    why: z.enum(WHY_CODES).openapi({ description: 'Why it won or lost', example: 'submitted_by' }),
    why_text: z.string().openapi({
      description: 'The same in a sentence, in the language of Accept-Language',
      example: 'Your click on link acme-home, 3 days before: the last contact that counts, so it wins.',
    }),
    window: windowSchema
      .nullable()
      .openapi({ description: 'What it was judged by; null for what is no touch of yours' }),
  })
  .openapi('AttributionCandidate', { description: 'A contact that could have earned the application' });

/** Who introduced an application, and everything that was considered. */
export const attributionSchema = z
  .object({
    model: z.enum(['first_valid', 'last_valid']).openapi({
      description: 'Which touch wins: the choice of the partner that has the latest valid one',
      example: 'last_valid',
    }),
    rule: z
      .object({
        position: z.int().min(1).max(4).openapi({ description: 'Step of the fixed order that decided', example: 3 }),
        name: z
          .enum(['claim', 'submission', 'touch', 'direct'])
          .openapi({ description: 'A live claim, who submitted it, a valid touch, nobody', example: 'touch' }),
      })
      .openapi('AttributionRule', { description: 'Which rule decided' }),
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
    terms: z.record(z.string(), z.string()).openapi({
      description: 'Contract → terms of the winner in force; empty when nobody won, or it is another partner',
      example: { main: 'acme-2026' },
    }),
    explanation: z.string().openapi({
      description: 'The verdict in a few sentences, in the language of Accept-Language',
      example:
        'It goes to you: the click 3 days before was the last contact that counts (step 3 of 4: a valid click or hand-off). Terms in force: acme-2026 (main).',
    }),
    candidates: z
      .array(candidateSchema)
      .openapi({ description: 'Every contact that was considered: the winner, then what came closest' }),
    arrived_at: instantSchema.openapi({ description: 'When the applicant came: ages are counted up to here' }),
    decided_at: instantSchema.openapi({ description: 'When it was decided, once and for all' }),
  })
  .openapi('AttributionVerdict', { description: 'Who introduced it, and why' });
