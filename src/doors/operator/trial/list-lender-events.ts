import { createRoute, z } from '@hono/zod-openapi';
import { ProblemError } from '../../../http/problem.ts';
import { operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { eventLogAnswer, eventLogQuery, readEventLog } from '../../lender-events/event-log.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';

/** A lender’s id in a path. */
export const lenderPathSchema = z
  .string()
  .max(32)
  .openapi({ description: 'Lender', example: 'quickcredit', param: { name: 'id', in: 'path' } });

const route = createRoute({
  method: 'get',
  path: '/admin/v1/lenders/{id}/events',
  operationId: 'listLenderEvents',
  tags: ['Operations'],
  summary: 'List what a lender posted lately',
  description:
    'Its latest events, about 5 000, each time they were sent, and what they were answered: codes and places, nothing of ' +
    'the person. Any role.',
  request: { params: z.object({ id: lenderPathSchema }), query: eventLogQuery },
  responses: { 200: eventLogAnswer, ...problemResponses(...operatorProblems, 'not_found') },
});

/** `GET /admin/v1/lenders/{id}/events`. */
export function registerListLenderEvents(
  door: OperatorDoor,
  deps: Pick<OperatorDeps, 'registry' | 'inbound' | 'lenderEvents'>,
): void {
  door.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    if (!deps.registry().lenders.has(id)) throw new ProblemError('not_found', 'there is no such lender');
    return c.json(await readEventLog(deps, id, c.req.valid('query')), 200);
  });
}
