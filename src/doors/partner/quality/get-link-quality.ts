import { createRoute, z } from '@hono/zod-openapi';
import { acceptLanguage } from '../../../http/accept-language.ts';
import { instantSchema } from '../../../http/common-schemas.ts';
import { pageQuery } from '../../../http/pagination.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { findingSchema, findingView } from '../../quality/finding-schema.ts';
import { pageOfFindings } from '../../quality/page-of-findings.ts';
import { ownLink } from '../links/own-link.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';

const codePathSchema = z
  .string()
  .openapi({ description: 'Code of the link', example: 'acme-home', param: { name: 'code', in: 'path' } });

const linkQualitySchema = z
  .object({
    billing: z
      .enum(['on', 'off'])
      .openapi({ description: 'Whether clicks that come now are billable, as far as quality goes', example: 'on' }),
    off_until: instantSchema
      .nullable()
      .openapi({ description: 'When billing is on again at the latest; null = it is on' }),
    data: z.array(findingSchema).openapi({ description: 'What is on, and the last 90 days' }),
    next_cursor: z
      .string()
      .nullable()
      .openapi({ description: 'For the next page; null = this was the last', example: null }),
  })
  .openapi('LinkQuality', { description: 'What was found about the traffic of one link' });

const route = createRoute({
  method: 'get',
  path: '/v1/links/{code}/quality',
  operationId: 'getLinkQuality',
  tags: ['Links'],
  summary: 'Whether clicks of a link are billable now, and what was found about its traffic',
  request: { params: z.object({ code: codePathSchema }), query: z.strictObject({ ...pageQuery }) },
  responses: {
    200: { description: 'The link’s traffic', content: { 'application/json': { schema: linkQualitySchema } } },
    ...problemResponses(...signedProblems, 'not_found'),
  },
});

export function registerGetLinkQuality(
  door: PartnerDoor,
  deps: Pick<PartnerDeps, 'quality' | 'intake' | 'links'>,
): void {
  door.openapi(route, async (c) => {
    const partnerId = partyOf(c).id;
    const { code } = c.req.valid('param');
    await ownLink(deps, partnerId, code);
    const language = acceptLanguage(c.req.header('accept-language'));
    const found = (await deps.quality.list(partnerId)).filter(({ link_code }) => link_code === code);
    const ends = found.flatMap(({ ended_at, hold }) => (ended_at === null && hold !== null ? [hold.until] : []));
    const { data, next_cursor } = pageOfFindings(found, c.req.valid('query'));
    return c.json(
      {
        billing: ends.length === 0 ? ('on' as const) : ('off' as const),
        off_until: ends.sort().at(-1) ?? null,
        data: data.map((finding) => findingView(finding, language)),
        next_cursor,
      },
      200,
    );
  });
}
