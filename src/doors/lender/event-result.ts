import { z } from '@hono/zod-openapi';

/** Why an event was rejected. */
export const eventCodeSchema = z
  .enum([
    'schema_invalid',
    'id_reused',
    'unknown_application',
    'unknown_loan',
    'wrong_lender',
    'illegal_transition',
    'occurred_in_future',
    'too_old',
    'currency_mismatch',
    'schedule_sum_mismatch',
    'over_available',
    'payment_exceeds_due',
    'apr_above_cap',
    'application_full',
  ])
  .openapi({ description: 'Why it was rejected', example: 'illegal_transition' });

/** What became of one event. */
export const eventResultSchema = z
  .object({
    id: z.string().nullable().openapi({ description: 'Id of the event; null when it has none', example: 'L-1' }),
    result: z.enum(['applied', 'duplicate', 'held', 'rejected']).openapi({
      description:
        'applied; duplicate = answered before, nothing changed; held = waits for an earlier event, until `until`; ' +
        'rejected = see `code`, the id may be sent again',
      example: 'applied',
    }),
    code: eventCodeSchema.optional(),
    legal: z
      .array(z.string())
      .optional()
      .openapi({
        description: 'With illegal_transition: the types that are possible now',
        example: ['credit.granted'],
      }),
    detail: z
      .string()
      .optional()
      .openapi({ description: 'What is wrong, in words', example: '/data/amount: is required' }),
    until: z
      .string()
      .optional()
      .openapi({ description: 'Until when a held event waits, RFC 3339', example: '2026-03-05T04:05:06.000Z' }),
    loan_id: z.string().optional().openapi({
      description: 'With loan.requested: our id of the loan',
      example: 'loan_1f8ac10f23c5b5bc1167bda84b833e5c',
    }),
    action_id: z.string().optional().openapi({
      description: 'With action.required: our id of the action, for action.completed',
      example: 'act_1f8ac10f23c5b5bc1167bda84b833e5c',
    }),
  })
  .openapi('LenderEventResult', { description: 'What became of one event' });
export type EventResultView = z.output<typeof eventResultSchema>;
