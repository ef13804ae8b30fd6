import { createRoute, z } from '@hono/zod-openapi';
import { redriveDelivery } from '../../../delivery/delivery-desk.ts';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { pageOf } from '../../../http/pagination.ts';
import { ProblemError } from '../../../http/problem.ts';
import { operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { deliveryPage, deliveryQuerySchema, deliverySchema, deliveryView } from '../../schemas/delivery-schema.ts';
import { audited, reasonHeader } from '../audited.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';
import { partnerParam } from '../revenue/known-partner.ts';
import { knownPartner } from './read-webhook.ts';

const listRoute = createRoute({
  method: 'get',
  path: '/admin/v1/partners/{id}/deliveries',
  operationId: 'listPartnerDeliveries',
  tags: ['Partners'],
  summary: 'What was sent to a partner, newest event first',
  description: 'As the partner sees it; `status=dead` lists what was given up. Any role.',
  request: { params: z.object(partnerParam), query: deliveryQuerySchema },
  responses: {
    200: { description: 'A page', content: { 'application/json': { schema: pageOf(deliverySchema) } } },
    ...problemResponses(...operatorProblems, 'not_found'),
  },
});

const retryRoute = createRoute({
  method: 'post',
  path: '/admin/v1/partners/{id}/deliveries/{delivery}/retry',
  operationId: 'retryPartnerDelivery',
  tags: ['Partners'],
  summary: 'Send a delivery to a partner again',
  description:
    'Now, with all attempts before it; at its place in the order of what it is about. Audited as delivery.retry. Roles: ' +
    'admin, support.',
  request: {
    params: z.object({
      ...partnerParam,
      delivery: pathIdSchema('dlv').openapi({ description: 'Delivery', param: { name: 'delivery', in: 'path' } }),
    }),
    headers: reasonHeader,
  },
  responses: {
    202: { description: 'It is due', content: { 'application/json': { schema: deliverySchema } } },
    ...problemResponses(...operatorProblems, 'not_found', 'delivery_done'),
  },
});

type DeliveriesDeps = Pick<OperatorDeps, 'delivery' | 'registry' | 'realClock' | 'audit' | 'logger'>;

/** `GET /admin/v1/partners/{id}/deliveries` and `POST …/{delivery}/retry`. */
export function registerPartnerDeliveries(door: OperatorDoor, deps: DeliveriesDeps): void {
  const { delivery, realClock } = deps;
  door.openapi(listRoute, async (c) => {
    const { id } = c.req.valid('param');
    knownPartner(deps, id);
    return c.json(await deliveryPage(delivery, id, c.req.valid('query')), 200);
  });

  door.openapi(retryRoute, async (c) => {
    const { id, delivery: deliveryId } = c.req.valid('param');
    knownPartner(deps, id);
    const what = { action: 'delivery.retry', object: { kind: 'delivery', id: deliveryId } };
    const found = await audited(c, deps, what, async () => {
      const retried = await redriveDelivery(delivery, id, deliveryId, realClock.nowMs());
      if (retried === undefined) throw new ProblemError('not_found');
      if (retried === 'delivered') throw new ProblemError('delivery_done');
      return retried;
    });
    return c.json(deliveryView(found), 202);
  });
}
