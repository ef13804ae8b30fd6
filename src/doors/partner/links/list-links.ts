import { createRoute, z } from '@hono/zod-openapi';
import { pageOf, pageQuery } from '../../../http/pagination.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { partnerLinks } from '../../../intake/partner-links.ts';
import { offsetPage } from '../offset-page.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { linkLabelSchema, linkSchema } from './link-schema.ts';
import { linkView } from './link-view.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/links',
  operationId: 'listLinks',
  tags: ['Links'],
  summary: 'Your links, those agreed in your profile first, then oldest first',
  request: {
    query: z.strictObject({
      label: linkLabelSchema.optional().openapi({ description: 'Only links of this label', example: 'Shop 17' }),
      ...pageQuery,
    }),
  },
  responses: {
    200: { description: 'Links', content: { 'application/json': { schema: pageOf(linkSchema) } } },
    ...problemResponses(...signedProblems),
  },
});

export function registerListLinks(door: PartnerDoor, deps: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const { label, ...query } = c.req.valid('query');
    const links = await partnerLinks(deps.links, partyOf(c));
    const wanted = label === undefined ? links : links.filter((link) => link.label === label);
    const page = offsetPage(wanted, query);
    return c.json({ data: page.data.map((link) => linkView(link, deps)), next_cursor: page.next_cursor }, 200);
  });
}
