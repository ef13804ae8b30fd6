import { createRoute, z } from '@hono/zod-openapi';
import { idSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../../../http/pagination.ts';
import { bodyProblems, operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { showsIdentity } from '../../../privacy/wanted-subject.ts';
import { type ListScope, SCOPE_PATTERN } from '../../../screening/lists/entry.ts';
import type { FoundEntry } from '../../../screening/lists/find-entries.ts';
import { type ListPlace, listPage } from '../../../screening/lists/list-page.ts';
import { invalid } from '../../appeals/read-appeal.ts';
import { readListSubject } from '../../lists/check-subjects.ts';
import { listNameSchema } from '../../lists/entry-schema.ts';
import { audited } from '../audited.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';
import { subjectFields } from '../subjects/subject-request.ts';
import { entrySchema, entryView } from './entry-view.ts';

const CURSOR_PARTS = 5;

const listRoute = createRoute({
  method: 'get',
  path: '/admin/v1/lists/entries',
  operationId: 'listEntries',
  tags: ['Lists'],
  summary: 'Entries of the shared lists',
  description:
    'One by its id, or those of a scope or a list, whoever contributed them. A page may be short, or even empty, and go on: ' +
    'only so much of the index is looked at for each. By id, withdrawn and expired ones are shown too; entries that were ' +
    'imported or contributed without group, basis or note have no record of their own and are not found by id. Roles: ' +
    'admin, risk.',
  request: {
    query: z.strictObject({
      ...pageQuery,
      id: idSchema('lst').optional().openapi({ description: 'This one alone' }),
      scope: z
        .string()
        .regex(SCOPE_PATTERN, 'must be network, funder:<id>, lender:<id> or partner:<id>')
        .transform((text) => text as ListScope)
        .optional()
        .openapi({ description: 'Those of one scope', example: 'funder:harbour' }),
      list: listNameSchema.optional().openapi({ description: 'Those of one list', example: 'block' }),
    }),
  },
  responses: {
    200: { description: 'A page of entries', content: { 'application/json': { schema: pageOf(entrySchema) } } },
    ...problemResponses(...operatorProblems),
  },
});

const searchRoute = createRoute({
  method: 'post',
  path: '/admin/v1/lists/entries/search',
  operationId: 'searchEntries',
  tags: ['Lists'],
  summary: 'What stands on the lists about a person?',
  description:
    'Every entry that any of the given identifiers leads to, whatever its scope and state, with who contributed it. Audited ' +
    'as list.search. Roles: admin, risk.',
  request: { body: jsonBody(z.strictObject(subjectFields), 'Whom, and why') },
  responses: {
    200: {
      description: 'All of them',
      content: {
        'application/json': {
          schema: z.object({ data: z.array(entrySchema).openapi({ description: 'Each once' }) }),
        },
      },
    },
    ...problemResponses(...operatorProblems, ...bodyProblems),
  },
});

/** `GET /admin/v1/lists/entries`, `POST /admin/v1/lists/entries/search`. */
export function registerReadEntries(door: OperatorDoor, deps: Pick<OperatorDeps, 'lists' | 'audit' | 'logger'>): void {
  const { lists } = deps;
  door.openapi(listRoute, async (c) => {
    const { id, scope, list, cursor, limit } = c.req.valid('query');
    if (id !== undefined) {
      const entry = await lists.get(id);
      return c.json({ data: entry === undefined ? [] : [entryView({ ...entry, doc: entry })], next_cursor: null }, 200);
    }
    const filter = { ...(scope === undefined ? {} : { scope }), ...(list === undefined ? {} : { list }) };
    const page = await listPage(lists.parts, filter, readPlace(cursor), limit);
    return c.json({ data: page.data.map(entryView), next_cursor: cursorOf(page.next) }, 200);
  });

  door.openapi(searchRoute, async (c) => {
    const body = c.req.valid('json');
    const read = readListSubject(body.subject, lists);
    if (!read.ok) throw invalid(read.faults);
    if (showsIdentity(body.reason, body.subject)) {
      const message = 'must not show the identity: it is kept in the audit log';
      throw invalid([{ pointer: '/reason', code: 'not_allowed', message }]);
    }
    const what = {
      action: 'list.search',
      object: { kind: 'person', id: read.value.tokens[0]?.token ?? '' },
      reason: body.reason,
      after: (found: readonly FoundEntry[]) => ({ entries: found.length }),
    };
    const found = await audited(c, deps, what, () => lists.find(read.value.tokens));
    return c.json({ data: found.map(entryView) }, 200);
  });
}

function readPlace(cursor: string | undefined): ListPlace | undefined {
  const [family = '', shard = '', buckets = '', bucket = '', last = ''] = decodeCursor(cursor, CURSOR_PARTS) ?? [];
  if (family === '') return undefined;
  return { family, shard: Number(shard), buckets: Number(buckets), bucket: Number(bucket), last };
}

function cursorOf(place: ListPlace | null): string | null {
  if (place === null) return null;
  const { family, shard, buckets, bucket, last } = place;
  return encodeCursor([family, String(shard), String(buckets), String(bucket), last]);
}
