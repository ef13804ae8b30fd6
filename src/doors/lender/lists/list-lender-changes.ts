import { createRoute } from '@hono/zod-openapi';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { changesQuery, changesSchema, readChanges } from '../../lists/read-changes.ts';
import type { LenderDeps, LenderDoor } from '../lender-deps.ts';

const route = createRoute({
  method: 'get',
  path: '/lender/v1/lists/changes',
  operationId: 'listLenderChanges',
  tags: ['Lists'],
  summary: 'What became of your entries',
  description:
    'Changes of the entries that you contributed, whatever their scope, oldest first; the last 100 000 are kept. Entries ' +
    'under appeal are `suspended`, then `resumed` or `removed`.',
  request: { query: changesQuery },
  responses: {
    200: { description: 'A page of changes', content: { 'application/json': { schema: changesSchema } } },
    ...problemResponses(...signedProblems),
  },
});

/** `GET /lender/v1/lists/changes`. */
export function registerListLenderChanges(door: LenderDoor, { lists }: Pick<LenderDeps, 'lists'>): void {
  door.openapi(route, async (c) => {
    const page = await readChanges(lists, `lender:${partyOf(c).id}`, c.req.valid('query'));
    return c.json(page, 200);
  });
}
