import { createRoute } from '@hono/zod-openapi';
import { problemResponses, signedProblems } from '../../http/problem-responses.ts';
import { partyOf } from '../../http/request-context.ts';
import { eventLogAnswer, eventLogQuery, readEventLog } from '../lender-events/event-log.ts';
import type { LenderDeps, LenderDoor } from './lender-deps.ts';

const route = createRoute({
  method: 'get',
  path: '/lender/v1/events',
  operationId: 'listEvents',
  tags: ['Events'],
  summary: 'List what you posted lately',
  description:
    'Your latest events, about 5 000, each time they were sent, and what they were answered: for finding what was ' +
    'rejected, what came twice, what came before what it follows. What one event has come to for good tells `…/events/{id}`.',
  request: { query: eventLogQuery },
  responses: { 200: eventLogAnswer, ...problemResponses(...signedProblems) },
});

/** `GET /lender/v1/events`. */
export function registerListEvents(door: LenderDoor, deps: Pick<LenderDeps, 'inbound' | 'lenderEvents'>): void {
  door.openapi(route, async (c) => c.json(await readEventLog(deps, partyOf(c).id, c.req.valid('query')), 200));
}
