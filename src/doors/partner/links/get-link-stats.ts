import { createRoute, z } from '@hono/zod-openapi';
import { ProblemError } from '../../../http/problem.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { linkStatsSchema } from './link-schema.ts';
import { ownLinkProduct } from './own-link-product.ts';

const codePathSchema = z
  .string()
  .openapi({ description: 'Code of the link', example: 'acme-home', param: { name: 'code', in: 'path' } });

const route = createRoute({
  method: 'get',
  path: '/v1/links/{code}/stats',
  operationId: 'getLinkStats',
  tags: ['Links'],
  summary: 'Clicks → applications → loans → money of one link',
  request: { params: z.object({ code: codePathSchema }) },
  responses: {
    200: { description: 'The funnel', content: { 'application/json': { schema: linkStatsSchema } } },
    ...problemResponses(...signedProblems, 'not_found'),
  },
});

export function registerGetLinkStats(door: PartnerDoor, deps: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const partnerId = partyOf(c).id;
    const { code } = c.req.valid('param');
    const product = await ownLinkProduct(deps, partnerId, code);
    if (product === undefined) throw new ProblemError('not_found');
    const { currency } = product;
    const [stats, amount] = await Promise.all([
      deps.funnel.linkStats(partnerId, code, currency),
      deps.earnings.ofLink(partnerId, code, currency),
    ]);
    return c.json({ ...stats, commission: { amount, currency } }, 200);
  });
}
