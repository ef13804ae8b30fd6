import { createRoute, z } from '@hono/zod-openapi';
import { jsonBody } from '../../../http/json-body.ts';
import { bodyProblems, problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import type { TrafficPartner } from '../../../registry/schema/traffic-partner.ts';
import { contributeEntries, type ListWriter, withdrawEntriesOf } from '../../lists/change-entries.ts';
import {
  entryInputSchema,
  entryNameSchema,
  entryResultsSchema,
  itemsOf,
  LIST_BODY_MAX_BYTES,
} from '../../lists/entry-schema.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';

const ownScope = entryInputSchema.shape.scope.optional().meta({
  description: 'Always your own, and may be left out.',
  example: 'partner:acme',
});

const answer = {
  200: {
    description: 'One result an entry, in their order',
    content: { 'application/json': { schema: entryResultsSchema } },
  },
  ...problemResponses(...signedProblems, ...bodyProblems),
};

const postRoute = createRoute({
  method: 'post',
  path: '/v1/lists/entries',
  operationId: 'contributeEntries',
  tags: ['Lists'],
  summary: 'Put subjects on your own lists',
  description:
    'In your own scope: only applications that you bring see it. The same subject, list and scope again is the same entry, ' +
    'changed to what it says now. One entry that is wrong is rejected by itself. A phone, device or address stands for 180 ' +
    'days at the most, an id number for five years. The body has at most 2 MiB.',
  'x-max-body-bytes': LIST_BODY_MAX_BYTES,
  request: {
    body: jsonBody(
      z.strictObject({
        entries: itemsOf('OwnListEntry', entryInputSchema.extend({ scope: ownScope }), 'An entry of your own lists'),
      }),
      'The entries',
    ),
  },
  responses: answer,
});

const deleteRoute = createRoute({
  method: 'delete',
  path: '/v1/lists/entries',
  operationId: 'withdrawEntries',
  tags: ['Lists'],
  summary: 'Take subjects off your own lists',
  description:
    'Names entries as they were contributed; what else stands beside subject and list is ignored. One that is not there is ' +
    'rejected as `not_found`. The body has at most 2 MiB.',
  'x-max-body-bytes': LIST_BODY_MAX_BYTES,
  request: {
    body: jsonBody(
      z.strictObject({
        entries: itemsOf('OwnListEntryName', entryNameSchema.extend({ scope: ownScope }), 'Which entry'),
      }),
      'The entries',
    ),
  },
  responses: answer,
});

/** `POST` and `DELETE /v1/lists/entries`. */
export function registerChangeOwnEntries(
  door: PartnerDoor,
  { intake, env }: Pick<PartnerDeps, 'intake' | 'env'>,
): void {
  // Asked for at each request: a door's routes are registered before what they work with is there.
  const deps = () => ({ lists: intake.lists, env });
  door.openapi(postRoute, async (c) => {
    const results = await contributeEntries(c, deps(), writerOf(partyOf(c)), c.req.valid('json').entries);
    return c.json(results, 200);
  });
  door.openapi(deleteRoute, async (c) => {
    const results = await withdrawEntriesOf(c, deps(), writerOf(partyOf(c)), c.req.valid('json').entries);
    return c.json(results, 200);
  });
}

function writerOf({ id }: TrafficPartner): ListWriter {
  return { contributor: `partner:${id}`, scopes: [`partner:${id}`], ownScope: `partner:${id}` };
}
