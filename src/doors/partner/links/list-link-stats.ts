import { createRoute } from '@hono/zod-openapi';
import { pageOf } from '../../../http/pagination.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { partnerLinks } from '../../../intake/partner-links.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { allLinkStats, allLinkStatsQuery } from './all-link-stats.ts';
import { linkStatsRowSchema } from './link-stats-schema.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/links/stats',
  operationId: 'listLinkStats',
  tags: ['Links'],
  summary: 'What each of your links has brought',
  description:
    'All links side by side, those with most of `sort` first: from the beginning, or over at most 31 days (`from`, `to`). ' +
    'Totals only; no person can be told from them.',
  request: { query: allLinkStatsQuery },
  responses: {
    200: { description: 'Links', content: { 'application/json': { schema: pageOf(linkStatsRowSchema) } } },
    ...problemResponses(...signedProblems),
  },
});

export function registerListLinkStats(door: PartnerDoor, deps: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const partner = partyOf(c);
    const { funnel, earnings, intake } = deps;
    const links = await partnerLinks(deps.links, partner);
    const query = c.req.valid('query');
    return c.json(await allLinkStats({ registry: intake.registry, funnel, earnings }, partner.id, links, query), 200);
  });
}
