import { createRoute, z } from '@hono/zod-openapi';
import { MESSAGE_KINDS } from '../../../applications/push/message-kind.ts';
import type { PulledDelivery, PullPlace } from '../../../applications/push/pulled-deliveries.ts';
import { isoOf } from '../../../base/clock.ts';
import { SHARD_COUNT } from '../../../base/ids.ts';
import { decodeCursor, encodeCursor, foreignCursor, pageOf, pageQuery } from '../../../http/pagination.ts';
import { ProblemError } from '../../../http/problem.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import { isPulling } from '../../../registry/schema/lender.ts';
import type { LenderDeps, LenderDoor } from '../lender-deps.ts';

const deliverySchema = z
  .object({
    id: z.string().openapi({
      description: 'Id of the delivery: the same as often as it is shown',
      example: 'dlv_1f8ac10f23c5b5bc1167bda84b833e5c',
    }),
    kind: z
      .enum(['application', 'loan', ...MESSAGE_KINDS])
      .openapi({ description: 'What it is', example: 'application' }),
    path: z
      .string()
      .openapi({ description: 'Where it would be posted to below the address of a core', example: '/applications' }),
    application_id: z
      .string()
      .openapi({ description: 'Application that it is about', example: 'app_1f8ac10f23c5b5bc1167bda84b833e5c' }),
    queued_at: z
      .string()
      .openapi({ description: 'When it came about, RFC 3339 in real time', example: '2026-03-02T04:05:06.000Z' }),
    body: z.record(z.string(), z.unknown()).openapi({
      description: 'What would be posted: of an application with the whole applicant, so keep it as it must be kept',
      example: { delivery_id: 'dlv_1f8ac10f23c5b5bc1167bda84b833e5c', application_id: 'app_…', applicant: {} },
    }),
  })
  .openapi('PulledDelivery', { description: 'A message for you' });

const route = createRoute({
  method: 'get',
  path: '/lender/v1/deliveries',
  operationId: 'listDeliveries',
  tags: ['Deliveries'],
  summary: 'Fetch what is for you',
  description:
    'For lenders that fetch instead of being posted to (`core: { pull: true }`): applications, drawdowns, supplements, ' +
    'actions, cards, cancellations and repayments, those of one application in order. Page through to the end, answer ' +
    'each, then begin anew without a cursor: what is unanswered comes again, what is answered does not, nothing is ' +
    'left out. A page may be short, or empty, and still have a next one.',
  request: { query: z.strictObject(pageQuery) },
  responses: {
    200: { description: 'A page of deliveries', content: { 'application/json': { schema: pageOf(deliverySchema) } } },
    ...problemResponses(...signedProblems, 'deliveries_are_pushed'),
  },
});

/** `GET /lender/v1/deliveries`. */
export function registerListDeliveries(door: LenderDoor, { pulled }: Pick<LenderDeps, 'pulled'>): void {
  door.openapi(route, async (c) => {
    const { cursor, limit } = c.req.valid('query');
    const lender = partyOf(c);
    if (!isPulling(lender.core)) throw new ProblemError('deliveries_are_pushed');
    const { deliveries, next } = await pulled.list(lender.id, placeOf(cursor), limit);
    addLogFields(c, { deliveries: deliveries.length });
    const nextCursor = next === null ? null : encodeCursor([String(next.shard), next.place]);
    c.header('Cache-Control', 'no-store');
    return c.json({ data: deliveries.map(deliveryView), next_cursor: nextCursor }, 200);
  });
}

function placeOf(cursor: string | undefined): PullPlace | null {
  const parts = decodeCursor(cursor, 2);
  if (parts === undefined) return null;
  const [shard = '', place = ''] = parts;
  const isOurs = /^\d{1,2}$/.test(shard) && Number(shard) < SHARD_COUNT && /^\d{1,17}$/.test(place);
  if (!isOurs) throw foreignCursor();
  return { shard: Number(shard), place };
}

function deliveryView({
  id,
  kind,
  path,
  applicationId,
  queuedMs,
  body,
}: PulledDelivery): z.output<typeof deliverySchema> {
  const queued_at = isoOf(queuedMs);
  return { id, kind, path, application_id: applicationId, queued_at, body: body as Record<string, unknown> };
}
