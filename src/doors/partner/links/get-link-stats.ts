import { createRoute, z } from '@hono/zod-openapi';
import { ProblemError } from '../../../http/problem.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { linkStatsOf } from '../../../insight/funnel-reader.ts';
import { partnerLink } from '../../../intake/partner-links.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { linkCodePathSchema } from './link-schema.ts';
import { type LinkStatsView, linkStatsSchema } from './link-stats-schema.ts';
import { LINK_DAYS_MAX, statsDays, statsRangeQuery } from './stats-days.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/links/{code}/stats',
  operationId: 'getLinkStats',
  tags: ['Links'],
  summary: 'Clicks → applications → loans → money of one link',
  description: 'From the beginning, or, with `from` and `to`, over at most 92 days and day by day.',
  request: {
    params: z.object({ code: linkCodePathSchema }),
    query: z.strictObject(statsRangeQuery(LINK_DAYS_MAX)),
  },
  responses: {
    200: { description: 'The funnel', content: { 'application/json': { schema: linkStatsSchema } } },
    ...problemResponses(...signedProblems, 'not_found'),
  },
});

export function registerGetLinkStats(door: PartnerDoor, deps: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const { id: partnerId } = partyOf(c);
    const { code } = c.req.valid('param');
    const registry = deps.intake.registry();
    const link = await partnerLink(registry, deps.links, partnerId, code);
    const currency = link && registry.products.get(link.product_id)?.currency;
    if (currency === undefined) throw new ProblemError('not_found');
    const days = statsDays(c.req.valid('query'), LINK_DAYS_MAX);
    return c.json(await statsView(deps, { partnerId, code, currency, days }), 200);
  });
}

interface Asked {
  readonly partnerId: string;
  readonly code: string;
  readonly currency: string;
  readonly days: readonly string[] | undefined;
}

async function statsView({ funnel, earnings }: PartnerDeps, asked: Asked): Promise<LinkStatsView> {
  const { partnerId, code, currency, days } = asked;
  const stats = funnel.linkStats(partnerId, code, currency, days);
  if (days === undefined) {
    const amount = await earnings.ofLink(partnerId, code, currency);
    return { ...(await stats), commission: { amount, currency } };
  }
  const funnels = await funnel.linkDays(partnerId, code, days);
  const perDay = funnels.map((one, at) => ({ day: days[at] ?? '', ...linkStatsOf(one, currency) }));
  return { ...(await stats), commission: null, days: perDay };
}
