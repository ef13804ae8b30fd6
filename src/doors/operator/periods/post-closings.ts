import { createRoute, z } from '@hono/zod-openapi';
import { bookDaySchema, dateSchema, idSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { bodyProblems, operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import { type ClosingResult, closePeriods } from '../../../revenue/closings.ts';
import { audited, reasonHeader } from '../audited.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';

const CYCLE = /^(month_end|half_month|daily|mon|tue|wed|thu|fri|sat|sun|[1-9]|1\d|2[0-8])$/;

const requestSchema = z.strictObject({
  cycle: z
    .union([z.string(), z.int()])
    .refine((cycle) => CYCLE.test(String(cycle)), 'must be a cycle of terms, such as month_end')
    .optional()
    .openapi({ description: 'Only contracts with this cycle; absent = all', example: 'month_end' }),
  to: bookDaySchema.openapi({ description: 'Periods that end with this day or earlier', example: '2026-01-31' }),
});

const resultSchema = z
  .object({
    partner_id: z.string().openapi({ description: 'Partner; a funder as funder:<its id>', example: 'acme' }),
    contract: z.string().openapi({ description: 'Contract', example: 'main' }),
    period: dateSchema.openapi({ description: 'First day of the period', example: '2026-01-01' }),
    result: z
      .enum(['locked', 'review', 'blocked', 'refused'])
      .openapi({ description: 'review: drafted, and somebody else must lock it', example: 'locked' }),
    statement_id: idSchema('stm').nullable().openapi({ description: 'Its statement' }),
    code: z.string().nullable().openapi({ description: 'Why it went no further', example: null }),
    detail: z.string().nullable().openapi({ description: 'The same in words', example: null }),
  })
  .openapi('Closing', { description: 'What became of one period' });

const route = createRoute({
  method: 'post',
  path: '/admin/v1/closings',
  operationId: 'closePeriods',
  tags: ['Revenue'],
  summary: 'Close every period that ends by a day',
  description:
    'Of all partners and funders, in order, each as far as it goes. Periods with nothing in them are passed. Safe to repeat. ' +
    'Roles: finance.',
  request: { headers: reasonHeader, body: jsonBody(requestSchema, 'What to close') },
  responses: {
    200: {
      description: 'One row a period that was not closed before',
      content: {
        'application/json': {
          schema: z.object({ data: z.array(resultSchema).openapi({ description: 'By partner, contract, period' }) }),
        },
      },
    },
    ...problemResponses(...operatorProblems, ...bodyProblems),
  },
});

/** `POST /admin/v1/closings`. */
export function registerPostClosings(
  door: OperatorDoor,
  deps: Pick<OperatorDeps, 'revenue' | 'audit' | 'logger'>,
): void {
  door.openapi(route, async (c) => {
    const { name: actor } = partyOf(c);
    const { cycle, to } = c.req.valid('json');
    const what = { action: 'periods.close', object: { kind: 'closings', id: to }, after: closingsView };
    const data = await audited(c, deps, what, () =>
      closePeriods(deps.revenue, { ...(cycle === undefined ? {} : { cycle }), to, actor }),
    );
    addLogFields(c, { to, closed: data.filter(({ result }) => result === 'locked').length });
    return c.json({ data }, 200);
  });
}

/** Statements that an audit entry names; there may be thousands. */
const NAMED_MAX = 40;

function closingsView(rows: readonly ClosingResult[]) {
  const count = (wanted: ClosingResult['result']) => rows.filter(({ result }) => result === wanted).length;
  return {
    locked: count('locked'),
    review: count('review'),
    blocked: count('blocked'),
    refused: count('refused'),
    statement_ids: rows.flatMap(({ statement_id }) => statement_id ?? []).slice(0, NAMED_MAX),
  };
}
