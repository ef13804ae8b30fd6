import { createRoute, z } from '@hono/zod-openapi';
import { acceptLanguage } from '../../../http/accept-language.ts';
import { pageOf, pageQuery } from '../../../http/pagination.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { findingSchema, findingView } from '../../quality/finding-schema.ts';
import { pageOfFindings } from '../../quality/page-of-findings.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/quality',
  operationId: 'listQuality',
  tags: ['Links'],
  summary: 'What was found about the traffic of your links: what is on, and the last 90 days',
  description:
    'A finding that holds switches billing of clicks off for one link, until the end of the next day at the latest; then the ' +
    'link is judged afresh. People are sent on, counted and attributed all the while: registrations, applications and loans ' +
    'are paid for as always.',
  request: { query: z.strictObject({ ...pageQuery }) },
  responses: {
    200: { description: 'Findings', content: { 'application/json': { schema: pageOf(findingSchema) } } },
    ...problemResponses(...signedProblems),
  },
});

export function registerListQuality(door: PartnerDoor, { quality }: Pick<PartnerDeps, 'quality'>): void {
  door.openapi(route, async (c) => {
    const language = acceptLanguage(c.req.header('accept-language'));
    const found = await quality.list(partyOf(c).id);
    const { data, next_cursor } = pageOfFindings(found, c.req.valid('query'));
    return c.json({ data: data.map((finding) => findingView(finding, language)), next_cursor }, 200);
  });
}
