import { createRoute, z } from '@hono/zod-openapi';
import type { Actor } from '../../../http/bearer.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { bodyProblems, operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { type DoorContext, partyOf } from '../../../http/request-context.ts';
import { AUTO_CONTRIBUTOR } from '../../../screening/lists/auto/auto-entries.ts';
import { CONTRIBUTOR_PATTERN, type Contributor } from '../../../screening/lists/entry.ts';
import type { EntryToWithdraw } from '../../../screening/lists/withdraw-entries.ts';
import {
  contributeEntries,
  countResults,
  type EntryResults,
  faultsOf,
  parseItem,
  type ReadItem,
} from '../../lists/change-entries.ts';
import {
  entryInputSchema,
  entryNameSchema,
  entryResultsSchema,
  itemsOf,
  LIST_BODY_MAX_BYTES,
} from '../../lists/entry-schema.ts';
import { audited, reasonHeader } from '../audited.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';

const CONTRIBUTOR: Contributor = 'operator';

const answer = {
  200: {
    description: 'One result an entry, in their order',
    content: { 'application/json': { schema: entryResultsSchema } },
  },
  ...problemResponses(...operatorProblems, ...bodyProblems),
};

const postRoute = createRoute({
  method: 'post',
  path: '/admin/v1/lists/entries',
  operationId: 'contributeAnyEntries',
  tags: ['Lists'],
  summary: 'Put subjects on lists, in any scope',
  description:
    'Contributed by the operators: what lenders and partners have contributed stays beside it. One entry that is wrong is ' +
    'rejected by itself. Audited as list.contribute. The body has at most 2 MiB. Roles: admin, risk.',
  'x-max-body-bytes': LIST_BODY_MAX_BYTES,
  request: {
    headers: reasonHeader,
    body: jsonBody(z.strictObject({ entries: itemsOf('ListEntryInput', entryInputSchema, 'An entry') }), 'The entries'),
  },
  responses: answer,
});

const nameSchema = entryNameSchema.extend({
  contributor: z
    .string()
    .regex(CONTRIBUTOR_PATTERN, 'must be operator, gateway, lender:<id> or partner:<id>')
    .transform((text) => text as Contributor)
    .optional()
    .meta({ description: 'Whose entry; absent = one of the operators’.', example: 'operator' }),
});

const deleteRoute = createRoute({
  method: 'delete',
  path: '/admin/v1/lists/entries',
  operationId: 'withdrawAnyEntries',
  tags: ['Lists'],
  summary: 'Take subjects off lists, in any scope',
  description:
    'Names entries as they were contributed. Those of somebody else go only when `contributor` names them. An automatic ' +
    'entry (`gateway`) does not come back for the loans that it rests on. Audited as list.withdraw. The body has at most 2 ' +
    'MiB. Roles: admin, risk.',
  'x-max-body-bytes': LIST_BODY_MAX_BYTES,
  request: {
    headers: reasonHeader,
    body: jsonBody(z.strictObject({ entries: itemsOf('AnyListEntryName', nameSchema, 'Which entry') }), 'The entries'),
  },
  responses: answer,
});

type Deps = Pick<OperatorDeps, 'lists' | 'autoHolds' | 'env' | 'audit' | 'logger'>;

/** `POST` and `DELETE /admin/v1/lists/entries`. */
export function registerChangeAnyEntries(door: OperatorDoor, deps: Deps): void {
  const object = { kind: 'lists', id: CONTRIBUTOR };
  const after = (results: EntryResults) => countResults(results);
  door.openapi(postRoute, async (c) => {
    const { entries } = c.req.valid('json');
    const writer = { contributor: CONTRIBUTOR, scopes: 'all' as const, keepDetails: true };
    const results = await audited(c, deps, { action: 'list.contribute', object, after }, () =>
      contributeEntries(c, deps, writer, entries),
    );
    return c.json(results, 200);
  });
  door.openapi(deleteRoute, async (c) => {
    const { entries } = c.req.valid('json');
    const results = await audited(c, deps, { action: 'list.withdraw', object, after }, async () => ({
      results: await withdrawNamed(c, deps, entries),
    }));
    return c.json(results, 200);
  });
}

type Named = EntryToWithdraw & { readonly contributor?: Contributor | undefined };

/** Entries by contributor, each in the name of its own; the results stand in the order of the entries. */
async function withdrawNamed(
  c: DoorContext<Actor>,
  { lists, autoHolds, env }: Deps,
  items: readonly unknown[],
): Promise<EntryResults['results']> {
  const { name } = partyOf(c);
  const read = items.map((item, at): ReadItem<Named> => parseItem(c, nameSchema, { item, at, env, field: 'entries' }));
  const results: EntryResults['results'] = [];
  for (const item of read) {
    if (!item.ok) {
      results.push({ id: null, result: 'rejected', ...faultsOf(item.faults) });
      continue;
    }
    const { contributor = CONTRIBUTOR, ...entry } = item.value;
    const [done] = await lists.withdraw([entry], { contributor, by: name });
    if (done === undefined) throw new Error('an entry has no result');
    if (done.result === 'rejected') results.push({ id: null, result: 'rejected', ...faultsOf(done.faults) });
    else {
      if (contributor === AUTO_CONTRIBUTOR) {
        // The rule that contributed it must not do so again for the same loans, nor have done so in between.
        await autoHolds.waive(done.id);
        await lists.withdraw([entry], { contributor, by: name });
      }
      results.push({ id: done.id, result: done.result });
    }
  }
  return results;
}
