import { createRoute, z } from '@hono/zod-openapi';
import { ProblemError } from '../../../http/problem.ts';
import { operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { type PartnerLink, partnerLink } from '../../../intake/partner-links.ts';
import { linkCodePathSchema } from '../../partner/links/link-schema.ts';
import { LINK_DAYS_MAX, statsDays, statsRangeQuery } from '../../partner/links/stats-days.ts';
import { linkVariantsSchema, linkVariantsView } from '../../schemas/link-variants-schema.ts';
import { daysLately, pageFunnelSchema, pageFunnelView } from '../../schemas/page-funnel-schema.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';

const params = z.object({
  id: z.string().openapi({ description: 'Id of the partner', example: 'acme', param: { name: 'id', in: 'path' } }),
  code: linkCodePathSchema,
});

const variantsRoute = createRoute({
  method: 'get',
  path: '/admin/v1/partners/{id}/links/{code}/variants',
  operationId: 'readLinkVariants',
  tags: ['Partners'],
  summary: 'Read what each variant of a partner’s link has brought',
  description: 'As the partner reads it. Totals only; no person can be told from them. Any role.',
  request: { params },
  responses: {
    200: { description: 'Results', content: { 'application/json': { schema: linkVariantsSchema } } },
    ...problemResponses(...operatorProblems, 'not_found'),
  },
});

const pageRoute = createRoute({
  method: 'get',
  path: '/admin/v1/partners/{id}/links/{code}/page',
  operationId: 'readLinkPage',
  tags: ['Partners'],
  summary: 'Read how people come through the hosted page of a partner’s link',
  description: 'As the partner reads it: over at most 92 days, without a range the last 28. Any role.',
  request: { params, query: z.strictObject(statsRangeQuery(LINK_DAYS_MAX)) },
  responses: {
    200: { description: 'The page’s funnel', content: { 'application/json': { schema: pageFunnelSchema } } },
    ...problemResponses(...operatorProblems, 'not_found'),
  },
});

/** `GET /admin/v1/partners/{id}/links/{code}/variants` and `/page`. */
export function registerReadLinkResults(door: OperatorDoor, deps: OperatorDeps): void {
  door.openapi(variantsRoute, async (c) => {
    const { id, code } = c.req.valid('param');
    return c.json(await linkVariantsView(deps.pages, id, await linkOf(deps, id, code)), 200);
  });
  door.openapi(pageRoute, async (c) => {
    const { id, code } = c.req.valid('param');
    const { product_id: productId } = await linkOf(deps, id, code);
    const zone = deps.registry().products.get(productId)?.timezone ?? 'UTC';
    const days = statsDays(c.req.valid('query'), LINK_DAYS_MAX) ?? daysLately(deps.clock.nowMs(), zone);
    return c.json(await pageFunnelView(deps.pages, id, code, days), 200);
  });
}

async function linkOf({ registry, links }: OperatorDeps, partnerId: string, code: string): Promise<PartnerLink> {
  const link = await partnerLink(registry(), links, partnerId, code);
  if (link === undefined) throw new ProblemError('not_found', 'this partner has no such link');
  return link;
}
