import { createRoute, z } from '@hono/zod-openapi';
import { destinationsOfPartner } from '../../../delivery/delivery-desk.ts';
import { operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { audited, reasonHeader } from '../audited.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';
import { partnerParam } from '../revenue/known-partner.ts';
import { knownPartner, webhookState, webhookStateSchema } from './read-webhook.ts';

const route = createRoute({
  method: 'post',
  path: '/admin/v1/partners/{id}/webhook/enable',
  operationId: 'enablePartnerWebhook',
  tags: ['Partners'],
  summary: 'Send to a partner again',
  description:
    'Switches its webhook and postbacks on again that answered 410; what waits is due at once. It switches itself on when the ' +
    'URL changes. Audited as webhook.enable. Roles: admin, support.',
  request: { params: z.object(partnerParam), headers: reasonHeader },
  responses: {
    200: { description: 'Its channels', content: { 'application/json': { schema: webhookStateSchema } } },
    ...problemResponses(...operatorProblems, 'not_found'),
  },
});

type EnableDeps = Pick<OperatorDeps, 'delivery' | 'registry' | 'realClock' | 'audit' | 'logger'>;

/** `POST /admin/v1/partners/{id}/webhook/enable`. */
export function registerEnableWebhook(door: OperatorDoor, deps: EnableDeps): void {
  const { delivery, realClock } = deps;
  door.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    knownPartner(deps, id);
    const what = {
      action: 'webhook.enable',
      object: { kind: 'partner', id },
      after: (enabled: number) => ({ enabled }),
    };
    await audited(c, deps, what, async () => {
      const places = destinationsOfPartner(delivery, id);
      const enabled = await Promise.all(places.map((place) => delivery.channels.enable(place, realClock.nowMs())));
      delivery.kick(id);
      return enabled.filter(Boolean).length;
    });
    return c.json(await webhookState(delivery, id), 200);
  });
}
