import { createRoute } from '@hono/zod-openapi';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { changesQuery, changesSchema, readChanges } from '../../lists/read-changes.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/lists/changes',
  operationId: 'listOwnChanges',
  tags: ['Lists'],
  summary: 'What became of your entries',
  description: 'Changes of the entries that you contributed, oldest first; the last 100 000 are kept.',
  request: { query: changesQuery },
  responses: {
    200: { description: 'A page of changes', content: { 'application/json': { schema: changesSchema } } },
    ...problemResponses(...signedProblems),
  },
});

/** `GET /v1/lists/changes`. */
export function registerListOwnChanges(door: PartnerDoor, { intake }: Pick<PartnerDeps, 'intake'>): void {
  door.openapi(route, async (c) => {
    const page = await readChanges(intake.lists, `partner:${partyOf(c).id}`, c.req.valid('query'));
    return c.json(page, 200);
  });
}
