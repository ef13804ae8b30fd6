import { createRoute, z } from '@hono/zod-openapi';
import { pageOf, pageQuery } from '../../../http/pagination.ts';
import { ProblemError } from '../../../http/problem.ts';
import { operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { partnerLinks } from '../../../intake/partner-links.ts';
import type { TrafficPartner } from '../../../registry/schema/traffic-partner.ts';
import { allLinkStats, allLinkStatsQuery } from '../../partner/links/all-link-stats.ts';
import { linkSchema } from '../../partner/links/link-schema.ts';
import { linkStatsRowSchema } from '../../partner/links/link-stats-schema.ts';
import { linkView } from '../../partner/links/link-view.ts';
import { offsetPage } from '../../partner/offset-page.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';

const params = z.object({
  id: z.string().openapi({ description: 'Id of the partner', example: 'acme', param: { name: 'id', in: 'path' } }),
});

const listRoute = createRoute({
  method: 'get',
  path: '/admin/v1/partners/{id}/links',
  operationId: 'listPartnerLinks',
  tags: ['Partners'],
  summary: 'List a partner’s links',
  description: 'As the partner reads them: those of its file first, then those made over the API. Any role.',
  request: { params, query: z.strictObject({ ...pageQuery }) },
  responses: {
    200: { description: 'Links', content: { 'application/json': { schema: pageOf(linkSchema) } } },
    ...problemResponses(...operatorProblems, 'not_found'),
  },
});

const statsRoute = createRoute({
  method: 'get',
  path: '/admin/v1/partners/{id}/links/stats',
  operationId: 'listPartnerLinkStats',
  tags: ['Partners'],
  summary: 'Read what each of a partner’s links has brought',
  description:
    'As the partner reads it: from the beginning, or over at most 31 days. Totals only; no person can be told from them. Any role.',
  request: { params, query: allLinkStatsQuery },
  responses: {
    200: { description: 'Links', content: { 'application/json': { schema: pageOf(linkStatsRowSchema) } } },
    ...problemResponses(...operatorProblems, 'not_found'),
  },
});

/** `GET /admin/v1/partners/{id}/links` and `/links/stats`. */
export function registerReadPartnerLinks(door: OperatorDoor, deps: OperatorDeps): void {
  door.openapi(listRoute, async (c) => {
    const links = await partnerLinks(deps.links, partnerOf(deps, c.req.valid('param').id));
    const page = offsetPage(links, c.req.valid('query'));
    return c.json({ data: page.data.map((link) => linkView(link, deps)), next_cursor: page.next_cursor }, 200);
  });
  door.openapi(statsRoute, async (c) => {
    const partner = partnerOf(deps, c.req.valid('param').id);
    const links = await partnerLinks(deps.links, partner);
    return c.json(await allLinkStats(deps, partner.id, links, c.req.valid('query')), 200);
  });
}

function partnerOf({ registry }: OperatorDeps, id: string): TrafficPartner {
  const partner = registry().traffic.get(id);
  if (partner === undefined) throw new ProblemError('not_found', 'there is no such partner');
  return partner;
}
