import { createRoute } from '@hono/zod-openapi';
import { pageOf } from '../../../http/pagination.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { deliveryPage, deliveryQuerySchema, deliverySchema } from '../../schemas/delivery-schema.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/deliveries',
  operationId: 'listEventDeliveries',
  tags: ['Events'],
  summary: 'What was sent to your webhook and postbacks, newest event first',
  description:
    'Deliveries that failed, wait behind one that did, were given up, and the latest 1 000 that arrived. Events that your ' +
    'endpoint has not been sent yet, because it is down, are in none of them: they follow when it is back.',
  request: { query: deliveryQuerySchema },
  responses: {
    200: { description: 'A page', content: { 'application/json': { schema: pageOf(deliverySchema) } } },
    ...problemResponses(...signedProblems),
  },
});

export function registerListDeliveries(door: PartnerDoor, { delivery }: Pick<PartnerDeps, 'delivery'>): void {
  door.openapi(route, async (c) => c.json(await deliveryPage(delivery, partyOf(c).id, c.req.valid('query')), 200));
}
