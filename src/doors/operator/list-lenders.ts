import { createRoute, z } from '@hono/zod-openapi';
import type { LenderOutbox } from '../../applications/push/outbox-overview.ts';
import { isoOf, SECOND_MS } from '../../base/clock.ts';
import { pageOf, pageQuery } from '../../http/pagination.ts';
import { operatorProblems, problemResponses } from '../../http/problem-responses.ts';
import { isCalled, type Lender } from '../../registry/schema/lender.ts';
import type { OperatorDeps, OperatorDoor } from './operator-deps.ts';
import { pageOfList } from './page-of-list.ts';

const lenderSchema = z
  .object({
    id: z.string().openapi({ description: 'Id, the name of its folder', example: 'quickcredit' }),
    name: z
      .string()
      .nullable()
      .openapi({ description: 'Name; null = no file names it any more', example: 'QuickCredit' }),
    status: z.enum(['active', 'suspended', 'terminated']).nullable().openapi({
      description: 'As in its file; null = no file names it any more, and what waits for it stays',
      example: 'active',
    }),
    core: z.enum(['sandbox', 'called', 'pulls']).nullable().openapi({
      description: 'sandbox = we play it; called = deliveries are posted to its core; pulls = it fetches them',
      example: 'called',
    }),
    breaker: z.enum(['closed', 'half_open', 'open']).openapi({
      description: 'The worst that a process finds: open = its core does not answer, nothing is sent for seconds',
      example: 'closed',
    }),
    waiting: z
      .int()
      .openapi({ description: 'Deliveries that wait, are being sent, or will be sent again', example: 3 }),
    oldest_at: z.string().nullable().openapi({
      description: 'When the oldest of them came about, RFC 3339 in real time',
      example: '2026-03-02T04:05:06.000Z',
    }),
    oldest_seconds: z.int().nullable().openapi({ description: 'Its age in seconds', example: 42 }),
    dead: z.int().openapi({ description: 'Deliveries that were given up and wait for an operator', example: 0 }),
    last_success_at: z.string().nullable().openapi({
      description: 'When its core last answered, RFC 3339 in real time; null = never',
      example: '2026-03-02T04:05:06.000Z',
    }),
  })
  .openapi('LenderConnection', { description: 'A lender, and how what it is sent fares' });

const route = createRoute({
  method: 'get',
  path: '/admin/v1/lenders',
  operationId: 'listLenders',
  tags: ['Operations'],
  summary: 'List lenders and what waits for them',
  description: 'Lenders of the files in use, and those that deliveries still wait for, by id. Any role.',
  request: { query: z.strictObject(pageQuery) },
  responses: {
    200: { description: 'A page of lenders', content: { 'application/json': { schema: pageOf(lenderSchema) } } },
    ...problemResponses(...operatorProblems),
  },
});

const NOTHING: LenderOutbox = { waiting: 0, oldestMs: null, dead: 0 };

/** `GET /admin/v1/lenders`. */
export function registerListLenders(
  door: OperatorDoor,
  deps: Pick<OperatorDeps, 'registry' | 'lenderOutboxes' | 'lenderHealth' | 'realClock'>,
): void {
  const { registry, lenderOutboxes, lenderHealth, realClock } = deps;
  door.openapi(route, async (c) => {
    const outboxes = await lenderOutboxes.byLender();
    const { lenders } = registry();
    const left = [...outboxes].filter(([, { waiting, dead }]) => waiting + dead > 0).map(([id]) => id);
    const ids = [...new Set([...lenders.keys(), ...left])];
    const page = pageOfList(ids, (id) => id, c.req.valid('query'));
    const nowMs = realClock.nowMs();
    const data = await Promise.all(
      page.data.map(async (id) => {
        const { breaker, lastSuccess } = await lenderHealth.read(id);
        return {
          id,
          ...fileView(lenders.get(id)),
          breaker,
          ...outboxView(outboxes.get(id), nowMs),
          last_success_at: lastSuccess,
        };
      }),
    );
    return c.json({ ...page, data }, 200);
  });
}

function fileView(lender: Lender | undefined): Pick<z.output<typeof lenderSchema>, 'name' | 'status' | 'core'> {
  if (lender === undefined) return { name: null, status: null, core: null };
  const { name, status, core } = lender;
  if (core === 'sandbox') return { name, status, core };
  return { name, status, core: isCalled(core) ? 'called' : 'pulls' };
}

function outboxView({ waiting, oldestMs, dead }: LenderOutbox = NOTHING, nowMs: number) {
  const isEmpty = oldestMs === null;
  return {
    waiting,
    oldest_at: isEmpty ? null : isoOf(oldestMs),
    oldest_seconds: isEmpty ? null : Math.max(0, Math.floor((nowMs - oldestMs) / SECOND_MS)),
    dead,
  };
}
