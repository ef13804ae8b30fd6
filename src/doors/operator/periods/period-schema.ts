import { z } from '@hono/zod-openapi';
import { dateSchema, idSchema, instantSchema } from '../../../http/common-schemas.ts';

const nameOrNull = (description: string) => z.string().nullable().openapi({ description, example: 'ann' });

const WAIVER_REASON_MAX = 500;

const waivedSchema = z.object({
  code: z.string().openapi({ description: 'Code of the blocker', example: 'events_parked' }),
  reason: z.string().openapi({ description: 'Why it was set aside', example: 'Disputed with the lender' }),
  by: z.string().openapi({ description: 'Operator', example: 'ann' }),
  at: instantSchema,
});

/** A settlement period of one contract. */
export const periodSchema = z
  .object({
    contract: z.string().openapi({ description: 'Contract', example: 'main' }),
    id: dateSchema.openapi({ description: 'Its first day', example: '2026-01-01' }),
    from: instantSchema.openapi({ description: 'Begins' }),
    to: instantSchema.openapi({ description: 'First instant after it' }),
    timezone: z.string().openapi({ description: 'IANA zone of its days', example: 'Asia/Shanghai' }),
    state: z
      .enum(['open', 'review', 'locked'])
      .openapi({ description: 'open → review → locked, never back', example: 'open' }),
    revision: z.int().nullable().openapi({ description: 'Of its statement', example: 1 }),
    statement_id: idSchema('stm')
      .nullable()
      .openapi({ description: 'Its statement; null while open, and where nothing lay in it' }),
    reviewed_by: nameOrNull('Operator who reviewed it'),
    reviewed_at: instantSchema.nullable().openapi({ description: 'When it was cut' }),
    locked_by: nameOrNull('Operator who locked it'),
    locked_at: instantSchema.nullable().openapi({ description: 'When it was locked' }),
    waived: z.array(waivedSchema).openapi({ description: 'Blockers that were set aside' }),
  })
  .openapi('Period', { description: 'A settlement period of one contract' });

/** Body of a step; may be left out. */
export const closeRequestSchema = z
  .strictObject({
    waive: z
      .array(
        z.strictObject({
          code: z.string().max(64).openapi({ description: 'Code of the blocker', example: 'events_parked' }),
          reason: z.string().min(1).max(WAIVER_REASON_MAX).openapi({
            description: 'Why it may be set aside; kept with the period',
            example: 'Disputed with the lender, settled next month',
          }),
        }),
      )
      .max(20)
      .optional()
      .openapi({ description: 'Blockers to set aside, by name; period_not_over never is' }),
  })
  .prefault({});
