import { createRoute, z } from '@hono/zod-openapi';
import { jsonBody } from '../../http/json-body.ts';
import { bodyProblems, problemResponses, signedProblems } from '../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../http/request-context.ts';
import { applyLenderEvents, LENDER_EVENTS_MAX, type LenderEventResult } from '../../intake/lender-events.ts';
import type { LenderDeps, LenderDoor } from './lender-deps.ts';
import { lenderEventSchema } from './lender-event-schema.ts';

const resultSchema = z
  .object({
    id: z.string().nullable().openapi({ description: 'Id of the event; null when it has none', example: 'L-1' }),
    result: z.enum(['applied', 'duplicate', 'held', 'rejected']).openapi({
      description:
        'applied; duplicate = answered before, nothing changed; held = waits for an earlier event, until `until`; ' +
        'rejected = see `code`, the id may be sent again',
      example: 'applied',
    }),
    code: z
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
      ])
      .optional()
      .openapi({ description: 'Why it was rejected', example: 'illegal_transition' }),
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

const route = createRoute({
  method: 'post',
  path: '/lender/v1/events',
  operationId: 'receiveEvents',
  tags: ['Events'],
  summary: 'Post what happened',
  description:
    'Events of applications, credits and loans, up to 500 at once and in any order; each is judged by itself. Send an ' +
    'event again under its id until it is answered: what was answered is remembered, and repeating it changes nothing.',
  request: {
    body: jsonBody(
      z.strictObject({
        events: z
          .array(lenderEventSchema)
          .min(1)
          .max(LENDER_EVENTS_MAX)
          .openapi({ description: '1 to 500 events, oldest first where you can' }),
      }),
      'Events of one or several applications',
    ),
  },
  responses: {
    200: {
      description: 'One result an event, in the same order',
      content: {
        'application/json': {
          schema: z.object({
            results: z.array(resultSchema).openapi({ description: 'One result an event, in the order of the events' }),
          }),
        },
      },
    },
    ...problemResponses(...signedProblems, ...bodyProblems),
  },
});

/** `POST /lender/v1/events`. */
export function registerReceiveEvents(door: LenderDoor, deps: Pick<LenderDeps, 'lenderEvents'>): void {
  door.openapi(route, async (c) => {
    const { events } = c.req.valid('json');
    const results = await applyLenderEvents(deps.lenderEvents, partyOf(c), events);
    const rejected = results.filter(({ result }) => result === 'rejected').length;
    addLogFields(c, { events: events.length, rejected });
    return c.json({ results: results.map(toWire) }, 200);
  });
}

function toWire({ legal, ...result }: LenderEventResult): z.output<typeof resultSchema> {
  return legal === undefined ? result : { ...result, legal: [...legal] };
}
