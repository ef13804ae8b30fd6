import { createRoute, z } from '@hono/zod-openapi';
import type { SnapshotStore } from '../../../applications/receivables/snapshot-store.ts';
import { ProblemError } from '../../../http/problem.ts';
import { operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import type { OperatorDoor } from '../operator-deps.ts';

export interface ReadReceivablesDeps {
  readonly receivables: Pick<SnapshotStore, 'read'>;
}

const rowSchema = z
  .object({
    product_id: z.string().openapi({ description: 'Product', example: 'quick-cash' }),
    funder_id: z.string().nullable().openapi({ description: 'Whose money is lent', example: 'harbour' }),
    partner_id: z.string().nullable().openapi({ description: 'Who introduced them; null = nobody', example: 'acme' }),
    bucket: z.enum(['M0', 'M1', 'M2', 'M3', 'M4+', 'written_off']).openapi({
      description: 'By days past due on the last day: M0 none, M1 1–29, M2 30–59, M3 60–89, M4+ 90 and more',
      example: 'M0',
    }),
    currency: z.string().openapi({ description: 'ISO 4217', example: 'CNY' }),
    loans: z.int().openapi({ description: 'How many loans', example: 120 }),
    outstanding: z.int().openapi({ description: 'Principal not paid back, minor units', example: 58000000 }),
    overdue: z.int().openapi({ description: 'What was due and not paid, minor units', example: 0 }),
  })
  .openapi('ReceivableRow', { description: 'Loans of one product, funder, partner and bucket' });

const route = createRoute({
  method: 'get',
  path: '/admin/v1/receivables/{month}',
  operationId: 'readReceivables',
  tags: ['Operations'],
  summary: 'Read what was owed when a month ended',
  description:
    'Counted once, a day after the month ended in every time zone, as of the end of its last day in each product’s zone. Roles: admin, finance, risk.',
  request: {
    params: z.object({
      month: z
        .string()
        .regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'must be a month written YYYY-MM')
        .openapi({ description: 'The month', example: '2026-03', param: { name: 'month', in: 'path' } }),
    }),
    query: z.strictObject({
      product: z.string().max(64).optional().openapi({ description: 'One product only', example: 'quick-cash' }),
      funder: z.string().max(64).optional().openapi({ description: 'One funder only', example: 'harbour' }),
      partner: z.string().max(64).optional().openapi({ description: 'One partner only', example: 'acme' }),
    }),
  },
  responses: {
    200: {
      description: 'The snapshot',
      content: {
        'application/json': {
          schema: z.object({
            month: z.string().openapi({ description: 'The month', example: '2026-03' }),
            cut_at: z.string().openapi({ description: 'When it was counted', example: '2026-04-02T12:00:00.000Z' }),
            data: z.array(rowSchema).openapi({ description: 'Rows with at least one loan' }),
          }),
        },
      },
    },
    ...problemResponses(...operatorProblems, 'not_found'),
  },
});

/** `GET /admin/v1/receivables/{month}`. */
export function registerReadReceivables(door: OperatorDoor, { receivables }: ReadReceivablesDeps): void {
  door.openapi(route, async (c) => {
    const { month } = c.req.valid('param');
    const { product, funder, partner } = c.req.valid('query');
    const snapshot = await receivables.read(month);
    if (!snapshot) throw new ProblemError('not_found', `${month} has not been counted`);
    const data = snapshot.rows.filter(
      (row) =>
        (product === undefined || row.product_id === product) &&
        (funder === undefined || row.funder_id === funder) &&
        (partner === undefined || row.partner_id === partner),
    );
    return c.json({ month, cut_at: snapshot.cut_at, data }, 200);
  });
}
