import { createRoute, z } from '@hono/zod-openapi';
import { isoOf } from '../../../base/clock.ts';
import { BACKLOG_COUNTED, type ChannelOverview } from '../../../delivery/channels/channel-desk.ts';
import type { Destination } from '../../../delivery/channels/destination.ts';
import { type DeliveryDesk, destinationsOfPartner } from '../../../delivery/delivery-desk.ts';
import { instantSchema } from '../../../http/common-schemas.ts';
import { ProblemError } from '../../../http/problem.ts';
import { operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';
import { partnerParam } from '../revenue/known-partner.ts';

const count = (description: string, example: number) => z.int().openapi({ description, example });

const channelSchema = z
  .object({
    channel: z.string().openapi({ description: '`webhook`, or `postback-…` of one host', example: 'webhook' }),
    host: z.string().openapi({ description: 'Where it leads', example: 'acme.example' }),
    state: z.enum(['active', 'failing', 'disabled']).openapi({
      description: 'failing: the last attempt failed; disabled: the endpoint answered 410, nothing is sent',
      example: 'active',
    }),
    disabled_at: instantSchema.nullable().openapi({ description: 'Since when nothing is sent' }),
    pending: count('Deliveries that wait for another attempt, or behind one that does', 0),
    backlog: count(`Events that it has not come to yet, counted up to ${BACKLOG_COUNTED}`, 0),
    oldest_at: instantSchema.nullable().openapi({ description: 'When the oldest event that waits was told' }),
    last_success_at: instantSchema.nullable().openapi({ description: 'When it was told something last' }),
    last_attempt_at: instantSchema.nullable().openapi({ description: 'When that was tried last' }),
    last_status: z.int().nullable().openapi({ description: 'HTTP status of that; null = no answer', example: 200 }),
    last_error: z.string().nullable().openapi({ description: 'Why that failed: a stable word', example: null }),
  })
  .openapi('CallbackChannel', { description: 'How one endpoint of a partner does' });

export const webhookStateSchema = z
  .object({
    partner_id: z.string().openapi({ description: 'Partner', example: 'acme' }),
    channels: z.array(channelSchema).openapi({ description: 'Webhook first; empty = its file names none' }),
  })
  .openapi('WebhookState', { description: 'How a partner’s endpoints do' });

const route = createRoute({
  method: 'get',
  path: '/admin/v1/partners/{id}/webhook',
  operationId: 'readPartnerWebhook',
  tags: ['Partners'],
  summary: 'How a partner’s webhook and postbacks do',
  description: 'State, what waits, the last success. Times are real, whatever the sandbox clock says. Any role.',
  request: { params: z.object(partnerParam) },
  responses: {
    200: { description: 'Its channels', content: { 'application/json': { schema: webhookStateSchema } } },
    ...problemResponses(...operatorProblems, 'not_found'),
  },
});

/** `GET /admin/v1/partners/{id}/webhook`. */
export function registerReadWebhook(door: OperatorDoor, deps: Pick<OperatorDeps, 'delivery' | 'registry'>): void {
  door.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    knownPartner(deps, id);
    return c.json(await webhookState(deps.delivery, id), 200);
  });
}

/** @throws ProblemError 404 */
export function knownPartner({ registry }: Pick<OperatorDeps, 'registry'>, id: string): void {
  if (!registry().traffic.has(id)) throw new ProblemError('not_found', `there is no partner ${id}`);
}

/** How each endpoint of a partner does. */
export async function webhookState(desk: DeliveryDesk, partnerId: string) {
  const places = destinationsOfPartner(desk, partnerId);
  const channels = await Promise.all(
    places.map(async (place) => channelView(place, await desk.channels.overview(place))),
  );
  return { partner_id: partnerId, channels };
}

function channelView({ name, host }: Destination, overview: ChannelOverview) {
  const instant = (ms: number | null): string | null => (ms === null ? null : isoOf(ms));
  const isFailing = overview.lastError !== null;
  const state = overview.disabledMs !== null ? 'disabled' : isFailing ? 'failing' : 'active';
  return {
    channel: name,
    host,
    state: state as 'active' | 'failing' | 'disabled',
    disabled_at: instant(overview.disabledMs),
    pending: overview.pending,
    backlog: overview.backlog,
    oldest_at: instant(overview.oldestMs),
    last_success_at: instant(overview.lastSuccessMs),
    last_attempt_at: instant(overview.lastTriedMs),
    last_status: overview.lastStatus,
    last_error: overview.lastError,
  };
}
