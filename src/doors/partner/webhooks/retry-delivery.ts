import { createRoute, z } from '@hono/zod-openapi';
import { systemClock } from '../../../base/clock.ts';
import { redriveDelivery } from '../../../delivery/delivery-desk.ts';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { ProblemError } from '../../../http/problem.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { deliverySchema, deliveryView } from '../../schemas/delivery-schema.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/deliveries/{id}/retry',
  operationId: 'retryEventDelivery',
  tags: ['Events'],
  summary: 'Have a delivery sent again, now',
  description:
    'One that was given up, or waits for its next attempt; at its place in the order of what it is about, with all attempts ' +
    'before it. One that has arrived is not sent again.',
  request: { params: z.object({ id: pathIdSchema('dlv') }) },
  responses: {
    202: { description: 'It is due', content: { 'application/json': { schema: deliverySchema } } },
    ...problemResponses(...signedProblems, 'not_found', 'delivery_done'),
  },
});

export function registerRetryDelivery(door: PartnerDoor, { delivery }: Pick<PartnerDeps, 'delivery'>): void {
  door.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const found = await redriveDelivery(delivery, partyOf(c).id, id, systemClock.nowMs());
    if (found === undefined) throw new ProblemError('not_found');
    if (found === 'delivered') throw new ProblemError('delivery_done');
    return c.json(deliveryView(found), 202);
  });
}
