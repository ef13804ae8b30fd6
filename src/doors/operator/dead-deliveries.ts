import { createRoute, z } from '@hono/zod-openapi';
import type { DeadDelivery, DeadPlace } from '../../applications/push/dead-letters.ts';
import type { Delivery } from '../../applications/push/delivery.ts';
import { MESSAGE_KINDS } from '../../applications/push/message-kind.ts';
import { isoOf, SECOND_MS } from '../../base/clock.ts';
import { isId } from '../../base/ids.ts';
import { decodeCursor, encodeCursor, foreignCursor, pageOf, pageQuery } from '../../http/pagination.ts';
import { operatorProblems, problemResponses } from '../../http/problem-responses.ts';
import type { OperatorDeps, OperatorDoor } from './operator-deps.ts';

export const deliveryKindSchema = z.enum(['application', 'loan', ...MESSAGE_KINDS]);

/** Which deliveries: those of one lender, of one kind. */
export const deadFilter = {
  lender_id: z
    .string()
    .min(1)
    .max(32)
    .optional()
    .openapi({ description: 'Only those to this lender', example: 'quickcredit' }),
  kind: deliveryKindSchema.optional().openapi({ description: 'Only messages of this kind', example: 'application' }),
};

const deliverySchema = z
  .object({
    id: z.string().openapi({
      description: 'Id of the delivery; the lender’s core sees it as Idempotency-Key',
      example: 'dlv_1f8ac10f23c5b5bc1167bda84b833e5c',
    }),
    lender_id: z.string().openapi({ description: 'Lender that it was for', example: 'quickcredit' }),
    kind: deliveryKindSchema.openapi({ description: 'What was to be delivered', example: 'application' }),
    application_id: z.string().openapi({ description: 'Application', example: 'app_1f8ac10f23c5b5bc1167bda84b833e5c' }),
    loan_id: z
      .string()
      .nullable()
      .openapi({ description: 'Loan, of kind loan', example: 'loan_1f8ac10f23c5b5bc1167bda84b833e5c' }),
    error: z.string().openapi({ description: 'Why it was given up', example: 'http_422' }),
    status: z.int().nullable().openapi({ description: 'HTTP status of the core, if it answered', example: 422 }),
    attempts: z.int().openapi({ description: 'Attempts that were made, counted up to 255', example: 1 }),
    queued_at: z
      .string()
      .openapi({ description: 'When it came about, RFC 3339 in real time', example: '2026-03-02T04:05:05.000Z' }),
    at: z
      .string()
      .openapi({ description: 'When it was given up, RFC 3339 in real time', example: '2026-03-02T04:05:06.000Z' }),
    age_seconds: z.int().openapi({ description: 'Seconds since it was given up', example: 3600 }),
  })
  .openapi('DeadDelivery', { description: 'A message to a lender’s core that was given up' });

const route = createRoute({
  method: 'get',
  path: '/admin/v1/deliveries/dead',
  operationId: 'listDeadDeliveries',
  tags: ['Operations'],
  summary: 'List deliveries that were given up',
  description:
    'Messages that a lender’s core refused for good, or that could not be read any more, so that somebody has to look; ' +
    'what was given up first comes first. What comes after such a message is sent all the same. A page of one kind may ' +
    'be short, or empty, and still have a next one. Any role.',
  request: { query: z.strictObject({ ...pageQuery, ...deadFilter }) },
  responses: {
    200: { description: 'A page', content: { 'application/json': { schema: pageOf(deliverySchema) } } },
    ...problemResponses(...operatorProblems),
  },
});

/** `GET /admin/v1/deliveries/dead`. */
export function registerDeadDeliveries(
  door: OperatorDoor,
  { deadLetters, realClock }: Pick<OperatorDeps, 'deadLetters' | 'realClock'>,
): void {
  door.openapi(route, async (c) => {
    const { cursor, limit, lender_id: lenderId, kind } = c.req.valid('query');
    const page = await deadLetters.list({ lenderId, kind, limit, after: placeOf(cursor) });
    const nowMs = realClock.nowMs();
    const next = page.next === null ? null : encodeCursor([String(page.next.atMs), page.next.id]);
    return c.json({ data: page.deliveries.map((one) => deadView(one, nowMs)), next_cursor: next }, 200);
  });
}

function placeOf(cursor: string | undefined): DeadPlace | undefined {
  const parts = decodeCursor(cursor, 2);
  if (parts === undefined) return undefined;
  const [at = '', id = ''] = parts;
  if (!/^\d{1,15}$/.test(at) || !isId('dlv', id)) throw foreignCursor();
  return { atMs: Number(at), id };
}

function deadView(
  { delivery, lenderId, error, status, attempts, at, place }: DeadDelivery,
  nowMs: number,
): z.output<typeof deliverySchema> {
  return {
    id: delivery.id,
    lender_id: lenderId,
    kind: delivery.kind,
    application_id: delivery.applicationId,
    loan_id: loanOf(delivery),
    error,
    status,
    attempts,
    queued_at: isoOf(Math.floor(place / 1_000)),
    at,
    age_seconds: Math.max(0, Math.floor((nowMs - Date.parse(at)) / SECOND_MS)),
  };
}

function loanOf(delivery: Delivery): string | null {
  return delivery.kind === 'loan' ? delivery.loanId : null;
}
