import { createRoute, z } from '@hono/zod-openapi';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { linkCodePathSchema, linkSchema } from './link-schema.ts';
import { linkView } from './link-view.ts';
import { ownLink } from './own-link.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/links/{code}',
  operationId: 'getLink',
  tags: ['Links'],
  summary: 'One link',
  request: { params: z.object({ code: linkCodePathSchema }) },
  responses: {
    200: { description: 'The link', content: { 'application/json': { schema: linkSchema } } },
    ...problemResponses(...signedProblems, 'not_found'),
  },
});

export function registerGetLink(door: PartnerDoor, deps: PartnerDeps): void {
  door.openapi(route, async (c) => {
    return c.json(linkView(await ownLink(deps, partyOf(c).id, c.req.valid('param').code), deps), 200);
  });
}
