import { createRoute, z } from '@hono/zod-openapi';
import { ProblemError } from '../../http/problem.ts';
import { operatorProblems, problemResponses } from '../../http/problem-responses.ts';
import type { OperatorDeps, OperatorDoor } from './operator-deps.ts';

const counter = (description: string) => z.int().openapi({ description, example: 0 });
const family = (description: string, example: Record<string, number>) =>
  z.record(z.string(), z.int()).openapi({ description, example });

const funnelSchema = z
  .object({
    clicks: z
      .object({
        raw: counter('All clicks, bots too'),
        unique: counter('Visitors'),
        billable: counter('Clicks that may be paid for'),
        held: counter('Clicks not billable because the traffic of their link was in doubt'),
        entry: family('Arrivals by addresses that were not as the partner had signed them, by what was wrong', {
          expired: 4,
        }),
        diverted: family('Clicks that came while the product took no applications, by cause', { paused: 12 }),
      })
      .openapi({ description: 'Clicks on its links' }),
    registrations: counter('Registrations at lenders'),
    applications: counter('Applications, refused ones too'),
    refused: counter('Applications refused'),
    refused_by_reason: family('Refused applications by the reason that we keep, whatever the partner is told', {
      other_channel: 3,
    }),
    granted: counter('Credits granted'),
    disbursed: z
      .object({
        count: counter('Loans paid out'),
        principal: family('Money paid out: minor units by ISO 4217 code', { CNY: 120000000 }),
      })
      .openapi({ description: 'Loans' }),
  })
  .openapi('Funnel', { description: 'What became of the people whom a partner sent; follows events by milliseconds' });

const route = createRoute({
  method: 'get',
  path: '/admin/v1/partners/{id}/funnel',
  operationId: 'readFunnel',
  tags: ['Partners'],
  summary: 'Read a partner’s funnel',
  description: 'Clicks → applications → loans of all its links and calls, from the beginning. Any role.',
  request: {
    params: z.object({
      id: z.string().openapi({ description: 'Id of the partner', example: 'acme', param: { name: 'id', in: 'path' } }),
    }),
  },
  responses: {
    200: { description: 'The funnel', content: { 'application/json': { schema: funnelSchema } } },
    ...problemResponses(...operatorProblems, 'not_found'),
  },
});

/** `GET /admin/v1/partners/{id}/funnel`. */
export function registerReadFunnel(
  door: OperatorDoor,
  { registry, funnel }: Pick<OperatorDeps, 'registry' | 'funnel'>,
): void {
  door.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    if (!registry().traffic.has(id)) throw new ProblemError('not_found', 'there is no such partner');
    const { clicks, registrations, applications, refused, refusedByReason, granted, disbursed } =
      await funnel.partnerFunnel(id);
    return c.json(
      {
        clicks,
        registrations,
        applications,
        refused,
        refused_by_reason: refusedByReason,
        granted,
        disbursed: { count: disbursed.count, principal: disbursed.principal },
      },
      200,
    );
  });
}
