import { createRoute, z } from '@hono/zod-openapi';
import { pageOf, pageQuery } from '../../../http/pagination.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { offsetPage } from '../offset-page.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { linkSchema } from './link-schema.ts';
import { agreedLinkView, storedLinkView } from './link-view.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/links',
  operationId: 'listLinks',
  tags: ['Links'],
  summary: 'Your links, those agreed in your profile first, then oldest first',
  request: { query: z.strictObject({ ...pageQuery }) },
  responses: {
    200: { description: 'Links', content: { 'application/json': { schema: pageOf(linkSchema) } } },
    ...problemResponses(...signedProblems),
  },
});

export function registerListLinks(door: PartnerDoor, deps: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const partner = partyOf(c);
    const made = await deps.links.list(partner.id);
    const links = [
      ...partner.links.map((link) => agreedLinkView(link, deps.publicUrl)),
      ...made.map((link) => storedLinkView(link, deps.publicUrl)),
    ];
    return c.json(offsetPage(links, c.req.valid('query')), 200);
  });
}
