import { createRoute } from '@hono/zod-openapi';
import { canonicalText } from '../../../audit/audit-entry.ts';
import { isoOf, msOf } from '../../../base/clock.ts';
import { decodeCursor, encodeCursor, foreignCursor, pageOf } from '../../../http/pagination.ts';
import { operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';
import { auditActSchema, auditHeadSchema, auditQuerySchema } from './audit-schema.ts';

const listRoute = createRoute({
  method: 'get',
  path: '/admin/v1/audit',
  operationId: 'listAudit',
  tags: ['Audit'],
  summary: 'What was done, newest first',
  description:
    'Every act of operators that changes something or opens personal data, with its reason. A page may hold fewer than ' +
    '`limit`, or nothing, and `next_cursor` nevertheless: filters look at 5,000 entries at a time. Roles: finance, risk.',
  request: { query: auditQuerySchema },
  responses: {
    200: { description: 'A page', content: { 'application/json': { schema: pageOf(auditActSchema) } } },
    ...problemResponses(...operatorProblems),
  },
});

const headRoute = createRoute({
  method: 'get',
  path: '/admin/v1/audit/head',
  operationId: 'readAuditHead',
  tags: ['Audit'],
  summary: 'Where the audit log stands, signed',
  description:
    'The log is a chain of hashes, each with a MAC: changed, dropped, swapped or inserted entries are found by ' +
    '`sluice audit check`. A tail that was cut off together with the head is found only with a head that was kept ' +
    'elsewhere: this one, `audit_head` of a log line, or `sluice_audit_sequence` of `/metrics`. Roles: finance, risk.',
  responses: {
    200: { description: 'The head', content: { 'application/json': { schema: auditHeadSchema } } },
    ...problemResponses(...operatorProblems),
  },
});

/** `GET /admin/v1/audit` and `GET /admin/v1/audit/head`. */
export function registerReadAudit(
  door: OperatorDoor,
  { audit, auditReader, signAuditHead }: Pick<OperatorDeps, 'audit' | 'auditReader' | 'signAuditHead'>,
): void {
  door.openapi(listRoute, async (c) => {
    const { cursor, limit, object_kind, object_id, from, to, ...filter } = c.req.valid('query');
    const range = { from: from && isoOf(msOf(from)), to: to && isoOf(msOf(to)) };
    const wanted = { ...filter, ...range, objectKind: object_kind, objectId: object_id };
    const { acts, next } = await auditReader.page(wanted, limit, sequenceOf(cursor));
    const next_cursor = next === null ? null : encodeCursor([String(next)]);
    return c.json({ data: acts.map((act) => ({ ...act, ...viewsOf(act) })), next_cursor }, 200);
  });

  door.openapi(headRoute, async (c) => {
    const { seq, hash, at } = await audit.head();
    return c.json({ seq, hash, at, jws: signAuditHead(canonicalText({ type: 'audit_head', seq, hash, at })) }, 200);
  });
}

/** Views as the schema types them: objects of anything. */
function viewsOf({ before, after }: { readonly before: object | null; readonly after: object | null }) {
  return { before: before === null ? null : { ...before }, after: after === null ? null : { ...after } };
}

function sequenceOf(cursor: string | undefined): number | undefined {
  const [text] = decodeCursor(cursor, 1) ?? [];
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,14}$/.test(text)) throw foreignCursor();
  return Number(text);
}
