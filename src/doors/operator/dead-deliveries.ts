import { createRoute, z } from '@hono/zod-openapi';
import { MESSAGE_KINDS } from '../../applications/push/message-kind.ts';
import type { DeadDelivery } from '../../applications/push/outbox.ts';
import { shardOfId } from '../../base/ids.ts';
import { idSchema } from '../../http/common-schemas.ts';
import { jsonBody } from '../../http/json-body.ts';
import { pageOf, pageQuery } from '../../http/pagination.ts';
import { bodyProblems, operatorProblems, problemResponses } from '../../http/problem-responses.ts';
import { addLogFields } from '../../http/request-context.ts';
import { audited, reasonHeader } from './audited.ts';
import type { OperatorDeps, OperatorDoor } from './operator-deps.ts';
import { pageOfList } from './page-of-list.ts';

const REDRIVE_MAX = 500;

const deliverySchema = z
  .object({
    id: z.string().openapi({
      description: 'Id of the delivery; the lender’s core sees it as Idempotency-Key',
      example: 'dlv_1f8ac10f23c5b5bc1167bda84b833e5c',
    }),
    kind: z
      .enum(['application', 'loan', ...MESSAGE_KINDS])
      .openapi({ description: 'What was to be delivered', example: 'application' }),
    application_id: z.string().openapi({ description: 'Application', example: 'app_1f8ac10f23c5b5bc1167bda84b833e5c' }),
    loan_id: z
      .string()
      .nullable()
      .openapi({ description: 'Loan, of kind loan', example: 'loan_1f8ac10f23c5b5bc1167bda84b833e5c' }),
    error: z.string().openapi({ description: 'Why it was given up', example: 'the core answered 400' }),
    status: z.int().nullable().openapi({ description: 'HTTP status of the core, if it answered', example: 400 }),
    at: z
      .string()
      .openapi({ description: 'When it was given up, RFC 3339 in real time', example: '2026-03-02T04:05:06.000Z' }),
  })
  .openapi('DeadDelivery', { description: 'A message to a lender’s core that was given up' });

const listRoute = createRoute({
  method: 'get',
  path: '/admin/v1/deliveries/dead',
  operationId: 'listDeadDeliveries',
  tags: ['Operations'],
  summary: 'List deliveries that were given up',
  description: 'Messages that a lender’s core refused for good, so that somebody has to look. Any role.',
  request: { query: z.strictObject(pageQuery) },
  responses: {
    200: { description: 'A page', content: { 'application/json': { schema: pageOf(deliverySchema) } } },
    ...problemResponses(...operatorProblems),
  },
});

const redriveResultSchema = z.object({
  id: z.string().openapi({ description: 'The delivery', example: 'dlv_1f8ac10f23c5b5bc1167bda84b833e5c' }),
  result: z
    .enum(['redriven', 'not_found'])
    .openapi({ description: 'not_found = it is not among those that were given up', example: 'redriven' }),
});

const redriveRoute = createRoute({
  method: 'post',
  path: '/admin/v1/deliveries/dead/redrive',
  operationId: 'redriveDeadDeliveries',
  tags: ['Operations'],
  summary: 'Send deliveries again',
  description: 'Takes deliveries up again under the same id, due at once. Roles: admin, support.',
  request: {
    headers: reasonHeader,
    body: jsonBody(
      z.strictObject({
        ids: z
          .array(idSchema('dlv'))
          .min(1)
          .max(REDRIVE_MAX)
          .openapi({ description: '1 to 500 deliveries', example: ['dlv_1f8ac10f23c5b5bc1167bda84b833e5c'] }),
      }),
      'What to send again',
    ),
  },
  responses: {
    200: {
      description: 'One result a delivery, in the same order',
      content: {
        'application/json': {
          schema: z.object({
            results: z.array(redriveResultSchema).openapi({ description: 'In the order of ids' }),
          }),
        },
      },
    },
    ...problemResponses(...operatorProblems, ...bodyProblems),
  },
});

/** `GET /admin/v1/deliveries/dead` and `POST /admin/v1/deliveries/dead/redrive`. */
export function registerDeadDeliveries(
  door: OperatorDoor,
  deps: Pick<OperatorDeps, 'outbox' | 'realClock' | 'kick' | 'audit' | 'logger'>,
): void {
  const { outbox, realClock, kick } = deps;
  door.openapi(listRoute, async (c) => {
    const dead = await outbox.listDead();
    const page = pageOfList(dead, ({ at, delivery }) => `${at} ${delivery.id}`, c.req.valid('query'));
    return c.json({ ...page, data: page.data.map(deadView) }, 200);
  });

  door.openapi(redriveRoute, async (c) => {
    const { ids } = c.req.valid('json');
    const dead = new Map((await outbox.listDead()).map(({ delivery }) => [delivery.id, delivery]));
    const what = {
      action: 'deliveries.redrive',
      object: { kind: 'deliveries', id: ids.length === 1 ? (ids[0] ?? '') : `${ids.length} deliveries` },
      before: { ids: ids.slice(0, NAMED_MAX), count: ids.length },
      after: (results: readonly RedriveResult[]) => ({ redriven: redrivenOf(results) }),
    };
    const results = await audited(c, deps, what, () =>
      Promise.all(
        ids.map(async (id): Promise<RedriveResult> => {
          const delivery = dead.get(id);
          if (delivery === undefined) return { id, result: 'not_found' };
          await outbox.revive(delivery, realClock.nowMs());
          kick(shardOfId(delivery.applicationId));
          return { id, result: 'redriven' };
        }),
      ),
    );
    addLogFields(c, { redriven: redrivenOf(results) });
    return c.json({ results }, 200);
  });
}

/** Deliveries that an audit entry names. */
const NAMED_MAX = 80;

type RedriveResult = z.output<typeof redriveResultSchema>;

function redrivenOf(results: readonly RedriveResult[]): number {
  return results.filter(({ result }) => result === 'redriven').length;
}

function deadView({ delivery, error, status, at }: DeadDelivery): z.output<typeof deliverySchema> {
  const loanId = delivery.kind === 'loan' ? delivery.loanId : null;
  return {
    id: delivery.id,
    kind: delivery.kind,
    application_id: delivery.applicationId,
    loan_id: loanId,
    error,
    status,
    at,
  };
}
