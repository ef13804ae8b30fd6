import { createRoute, z } from '@hono/zod-openapi';
import { businessDay } from '../../../base/business-day.ts';
import type { Clock } from '../../../base/clock.ts';
import { daysBetween } from '../../../base/days-between.ts';
import { bookDaySchema } from '../../../http/common-schemas.ts';
import { ProblemError } from '../../../http/problem.ts';
import { operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { DEFAULT_TIME_ZONE } from '../../../insight/funnel-projection.ts';
import type { TotalsStore } from '../../../insight/totals/totals-store.ts';
import type { Registry } from '../../../registry/registry.ts';
import { dayResult, dayResultSchema } from '../../lender/daily-totals/day-view.ts';
import type { OperatorDoor } from '../operator-deps.ts';

/** A quarter. */
const DAYS_MAX = 92;

export interface ListDailyTotalsDeps {
  readonly totals: TotalsStore;
  readonly registry: () => Registry;
  /** Business time. */
  readonly clock: Clock;
}

const route = createRoute({
  method: 'get',
  path: '/admin/v1/lenders/{id}/daily-totals',
  operationId: 'listDailyTotals',
  tags: ['Operations'],
  summary: 'See which days a lender has told, and whether they match',
  description:
    'One entry a day, the earliest first: `matches` is null for a day that the lender has not told, false for one that differs from its events. At most 92 days; a day that is not over is left out. Any role.',
  request: {
    params: z.object({
      id: z.string().openapi({ description: 'Lender', example: 'quickcredit', param: { name: 'id', in: 'path' } }),
    }),
    query: z.strictObject({
      from: bookDaySchema.openapi({ description: 'First day', example: '2026-03-01' }),
      to: bookDaySchema.openapi({ description: 'Last day', example: '2026-03-31' }),
    }),
  },
  responses: {
    200: {
      description: 'The days',
      content: {
        'application/json': {
          schema: z.object({ data: z.array(dayResultSchema).openapi({ description: 'One a day' }) }),
        },
      },
    },
    ...problemResponses(...operatorProblems, 'not_found'),
  },
});

/** `GET /admin/v1/lenders/{id}/daily-totals`. */
export function registerListDailyTotals(door: OperatorDoor, { totals, registry, clock }: ListDailyTotalsDeps): void {
  door.openapi(route, async (c) => {
    const lender = registry().lenders.get(c.req.valid('param').id);
    if (!lender) throw new ProblemError('not_found', 'there is no such lender');
    const { from, to } = c.req.valid('query');
    const days = daysOrProblem(from, to).filter((day) => day < today(lender.products[0]?.timezone, clock));
    const told = await totals.toldDays(lender.id, days);
    const data = await Promise.all(days.map((day, at) => dayResult(totals, lender, day, told[at])));
    return c.json({ data }, 200);
  });
}

function today(zone: string | undefined, clock: Clock): string {
  return businessDay(clock.nowMs(), zone ?? DEFAULT_TIME_ZONE);
}

function daysOrProblem(from: string, to: string): string[] {
  const days = daysBetween(from, to, DAYS_MAX);
  if (days !== undefined) return days;
  const message = `must be ${from} or a day within ${DAYS_MAX} days from it`;
  throw new ProblemError('validation_failed', `/to: ${message}`, {
    errors: [{ pointer: '/to', in: 'query', code: 'out_of_range', message }],
  });
}
