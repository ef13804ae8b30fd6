import { createRoute, z } from '@hono/zod-openapi';
import { jsonBody } from '../../../http/json-body.ts';
import { bodyProblems, problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { type DoorContext, partyOf } from '../../../http/request-context.ts';
import type { Lender } from '../../../registry/schema/lender.ts';
import { auditedRequest } from '../../audited-request.ts';
import {
  contributeEntries,
  countResults,
  type EntryResults,
  type ListWriter,
  withdrawEntriesOf,
} from '../../lists/change-entries.ts';
import {
  entryInputSchema,
  entryNameSchema,
  entryResultsSchema,
  itemsOf,
  LIST_BODY_MAX_BYTES,
} from '../../lists/entry-schema.ts';
import type { LenderDeps, LenderDoor } from '../lender-deps.ts';
import { ownScopes } from './lender-scopes.ts';

const answer = {
  200: {
    description: 'One result an entry, in their order',
    content: { 'application/json': { schema: entryResultsSchema } },
  },
  ...problemResponses(...signedProblems, ...bodyProblems),
};

const postRoute = createRoute({
  method: 'post',
  path: '/lender/v1/lists/entries',
  operationId: 'contributeLenderEntries',
  tags: ['Lists'],
  summary: 'Put subjects on lists',
  description:
    'In your own scope, or in that of a funder whose money you lend: then every lender of this funder meets the entry, and ' +
    'nobody is told that it is yours. The same subject, list and scope again is the same entry, changed to what it says now; ' +
    'what others have contributed stays beside it. Give the entries of one person the same `group`: they are suspended ' +
    'together when the person objects, and a phone number that has changed hands is recognised by the id number in its ' +
    'group. One entry that is wrong is rejected by itself. Audited as list.contribute. The body has at most 2 MiB.',
  'x-max-body-bytes': LIST_BODY_MAX_BYTES,
  request: {
    body: jsonBody(z.strictObject({ entries: itemsOf('ListEntryInput', entryInputSchema, 'An entry') }), 'The entries'),
  },
  responses: answer,
});

const deleteRoute = createRoute({
  method: 'delete',
  path: '/lender/v1/lists/entries',
  operationId: 'withdrawLenderEntries',
  tags: ['Lists'],
  summary: 'Take subjects off lists',
  description:
    'Names entries as they were contributed; what else stands beside subject, list and scope is ignored. Only your own go: ' +
    'one that somebody else has contributed is rejected as `not_contributor`, one that is not there as `not_found`. Audited ' +
    'as list.withdraw. The body has at most 2 MiB.',
  'x-max-body-bytes': LIST_BODY_MAX_BYTES,
  request: {
    body: jsonBody(
      z.strictObject({ entries: itemsOf('ListEntryName', entryNameSchema, 'Which entry') }),
      'The entries',
    ),
  },
  responses: answer,
});

/** `POST` and `DELETE /lender/v1/lists/entries`. */
export function registerChangeLenderEntries(
  door: LenderDoor,
  deps: Pick<LenderDeps, 'lists' | 'env' | 'audit' | 'logger'>,
): void {
  door.openapi(postRoute, async (c) => {
    const { entries } = c.req.valid('json');
    const results = await inAudit(c, deps, 'list.contribute', () =>
      contributeEntries(c, deps, writerOf(partyOf(c)), entries),
    );
    return c.json(results, 200);
  });
  door.openapi(deleteRoute, async (c) => {
    const { entries } = c.req.valid('json');
    const results = await inAudit(c, deps, 'list.withdraw', () =>
      withdrawEntriesOf(c, deps, writerOf(partyOf(c)), entries),
    );
    return c.json(results, 200);
  });
}

function inAudit(
  c: DoorContext<Lender>,
  deps: Pick<LenderDeps, 'audit' | 'logger'>,
  action: string,
  act: () => Promise<EntryResults>,
): Promise<EntryResults> {
  const { id } = partyOf(c);
  const what = {
    actor: { name: id, role: 'lender' as const },
    action,
    object: { kind: 'lists', id: `lender:${id}` },
    reason: null,
    after: (results: EntryResults) => countResults(results),
  };
  return auditedRequest(c, deps, what, act);
}

function writerOf(lender: Lender): ListWriter {
  return { contributor: `lender:${lender.id}`, scopes: ownScopes(lender) };
}
