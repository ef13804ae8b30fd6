import { z } from '@hono/zod-openapi';
import { isoOf } from '../../base/clock.ts';
import type { ChannelDesk, FoundDelivery } from '../../delivery/channels/channel-desk.ts';
import { DELIVERY_STATES } from '../../delivery/channels/delivery-record.ts';
import { type DeliveryDesk, destinationsOfPartner } from '../../delivery/delivery-desk.ts';
import { idSchema, instantSchema } from '../../http/common-schemas.ts';
import { decodeCursor, encodeCursor, pageQuery } from '../../http/pagination.ts';

const textOrNull = (description: string, example: string | null) =>
  z.string().nullable().openapi({ description, example });

export const deliveryStatusSchema = z.enum(DELIVERY_STATES as ['waiting', 'retrying', 'dead', 'delivered']).openapi({
  description:
    'waiting: behind an earlier one about the same thing; retrying: failed, will be tried again; dead: given up after the last attempt; delivered',
  example: 'retrying',
});

/** One event on its way to a webhook or postback. */
export const deliverySchema = z
  .object({
    id: idSchema('dlv'),
    event_id: z.string().openapi({ description: 'Event: `webhook-id`', example: 'evt_0f0m9x5c2rk0000' }),
    type: z.string().openapi({ description: 'Event type', example: 'loan.disbursed' }),
    about: z.string().openapi({
      description: 'What it is about; deliveries about one thing keep their order',
      example: 'app_1f8ac10f23c5b5bc1167bda84b833e5c',
    }),
    channel: z.enum(['webhook', 'postback']).openapi({ description: 'How it is told', example: 'webhook' }),
    host: textOrNull('Where to; null = it has left your file', 'acme.example'),
    status: deliveryStatusSchema,
    attempts: z.int().openapi({ description: 'Attempts so far', example: 3 }),
    last_status: z.int().nullable().openapi({ description: 'HTTP status of the last; null = no answer', example: 503 }),
    last_error: textOrNull('Why it failed: a stable word', 'http_503'),
    last_attempt_at: instantSchema.nullable().openapi({ description: 'When it was tried last, real time' }),
    next_attempt_at: instantSchema.nullable().openapi({ description: 'When it is tried next, at the earliest' }),
  })
  .openapi('Delivery', { description: 'One event on its way to a webhook or postback' });

/** Query of a list of deliveries. */
export const deliveryQuerySchema = z.strictObject({ ...pageQuery, status: deliveryStatusSchema.optional() });

/** A delivery as the API shows it. */
export function deliveryView({ place, record }: FoundDelivery & { place: { host?: string } }) {
  const instant = (ms: number | null): string | null => (ms === null ? null : isoOf(ms));
  return {
    id: record.id,
    event_id: record.event,
    type: record.type,
    about: record.lane,
    channel: place.name === 'webhook' ? ('webhook' as const) : ('postback' as const),
    host: place.host ?? null,
    status: record.state,
    attempts: record.attempts,
    last_status: record.status,
    last_error: record.error,
    last_attempt_at: instant(record.tried_ms),
    next_attempt_at: instant(record.next_ms),
  };
}

/** A page of a partner's deliveries that have a record, newest event first. */
export async function deliveryPage(
  desk: DeliveryDesk & { readonly channels: Pick<ChannelDesk, 'list'> },
  partnerId: string,
  { cursor, limit, status }: z.output<typeof deliveryQuerySchema>,
) {
  const [after] = decodeCursor(cursor, 1) ?? [];
  const places = destinationsOfPartner(desk, partnerId);
  const { page, next } = await desk.channels.list(places, { state: status, after, limit });
  return { data: page.map(deliveryView), next_cursor: next === null ? null : encodeCursor([next]) };
}
