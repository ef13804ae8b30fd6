import { createRoute, z } from '@hono/zod-openapi';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { linkVariantsSchema, linkVariantsView } from '../../schemas/link-variants-schema.ts';
import { daysLately, pageFunnelSchema, pageFunnelView } from '../../schemas/page-funnel-schema.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { linkCodePathSchema } from './link-schema.ts';
import { ownLink } from './own-link.ts';
import { LINK_DAYS_MAX, statsDays, statsRangeQuery } from './stats-days.ts';

const variantsRoute = createRoute({
  method: 'get',
  path: '/v1/links/{code}/variants',
  operationId: 'getLinkVariants',
  tags: ['Links'],
  summary: 'What each variant of a link has brought, and which one is better',
  description:
    'Each step counts a click once. The verdict holds however often you look; see the guide on variants for what to change while a test runs.',
  request: { params: z.object({ code: linkCodePathSchema }) },
  responses: {
    200: { description: 'Results', content: { 'application/json': { schema: linkVariantsSchema } } },
    ...problemResponses(...signedProblems, 'not_found'),
  },
});

const pageRoute = createRoute({
  method: 'get',
  path: '/v1/links/{code}/page',
  operationId: 'getLinkPage',
  tags: ['Links'],
  summary: 'How people come through the hosted page of a link',
  description:
    'Views, conversion from step to step, errors by input; over at most 92 days, without a range the last 28.',
  request: {
    params: z.object({ code: linkCodePathSchema }),
    query: z.strictObject(statsRangeQuery(LINK_DAYS_MAX)),
  },
  responses: {
    200: { description: 'The page’s funnel', content: { 'application/json': { schema: pageFunnelSchema } } },
    ...problemResponses(...signedProblems, 'not_found'),
  },
});

/** `GET /v1/links/{code}/variants` and `/page`. */
export function registerGetLinkResults(door: PartnerDoor, deps: PartnerDeps): void {
  door.openapi(variantsRoute, async (c) => {
    const { id } = partyOf(c);
    const link = await ownLink(deps, id, c.req.valid('param').code);
    return c.json(await linkVariantsView(deps.pages, id, link), 200);
  });
  door.openapi(pageRoute, async (c) => {
    const { id } = partyOf(c);
    const { code, product_id: productId } = await ownLink(deps, id, c.req.valid('param').code);
    const zone = deps.intake.registry().products.get(productId)?.timezone ?? 'UTC';
    const days = statsDays(c.req.valid('query'), LINK_DAYS_MAX) ?? daysLately(deps.intake.clock.nowMs(), zone);
    return c.json(await pageFunnelView(deps.pages, id, code, days), 200);
  });
}
