import { createRoute, z } from '@hono/zod-openapi';
import { ProblemError } from '../../http/problem.ts';
import { problemResponses, signedProblems } from '../../http/problem-responses.ts';
import { partyOf } from '../../http/request-context.ts';
import { findLenderEvent } from '../../intake/find-lender-event.ts';
import { eventCodeSchema } from './event-result.ts';
import type { LenderDeps, LenderDoor } from './lender-deps.ts';

const ID_MAX = 128;

const eventStateSchema = z
  .object({
    id: z.string().openapi({ description: 'Your id of the event', example: 'L-1' }),
    application_id: z
      .string()
      .openapi({ description: 'Application that it was about', example: 'app_1f8ac10f23c5b5bc1167bda84b833e5c' }),
    result: z.enum(['applied', 'held', 'rejected']).openapi({
      description: 'rejected = it was held, and what it waited for did not come in time, or made it impossible',
      example: 'applied',
    }),
    code: eventCodeSchema.optional(),
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
  .openapi('LenderEventState', { description: 'What one of your events has come to by now' });

const route = createRoute({
  method: 'get',
  path: '/lender/v1/events/{id}',
  operationId: 'getEvent',
  tags: ['Events'],
  summary: 'Ask what became of an event',
  description:
    'The remembered answer to an event id of yours: this is how you learn what became of one that was held. An id that ' +
    'was rejected at once is not remembered, and reads 404 like one that was never sent.',
  request: {
    params: z.strictObject({
      id: z.string().min(1).max(ID_MAX).openapi({ description: 'Your id of the event', example: 'L-1' }),
    }),
  },
  responses: {
    200: { description: 'The event as it stands', content: { 'application/json': { schema: eventStateSchema } } },
    ...problemResponses(...signedProblems, 'not_found'),
  },
});

/** `GET /lender/v1/events/{id}`. */
export function registerGetEvent(door: LenderDoor, { lenderEvents }: Pick<LenderDeps, 'lenderEvents'>): void {
  door.openapi(route, async (c) => {
    const found = await findLenderEvent(lenderEvents, partyOf(c), c.req.valid('param').id);
    if (found === undefined) throw new ProblemError('not_found');
    const { id, applicationId, remembered, until } = found;
    const { result, code, loan_id, action_id } = remembered;
    const known = eventCodeSchema.safeParse(code);
    const view: z.output<typeof eventStateSchema> = {
      id,
      application_id: applicationId,
      result,
      ...(known.success ? { code: known.data } : {}),
      ...(until === undefined ? {} : { until }),
      ...(loan_id === undefined ? {} : { loan_id }),
      ...(action_id === undefined ? {} : { action_id }),
    };
    return c.json(view, 200);
  });
}
