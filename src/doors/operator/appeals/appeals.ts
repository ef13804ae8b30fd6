import { createRoute, z } from '@hono/zod-openapi';
import type { Application } from '../../../applications/model.ts';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { encodeCursor, pageOf, pageQuery } from '../../../http/pagination.ts';
import { bodyProblems, operatorProblems, problemResponses, replayHeaders } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import type { Registry } from '../../../registry/registry.ts';
import type { OpenedAppeal } from '../../../screening/appeals/appeal-desk.ts';
import type { ListScope } from '../../../screening/lists/entry.ts';
import { APPEAL_COURSE, openAppealSchema } from '../../appeals/appeal-schema.ts';
import { appealCursor, noAppeal, openedOrProblem, readAppealRequest } from '../../appeals/read-appeal.ts';
import { audited, reasonHeader } from '../audited.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';
import { appealStatusSchema, operatorAppeal, operatorAppealSchema } from './operator-appeal.ts';

const postRoute = createRoute({
  method: 'post',
  path: '/admin/v1/appeals',
  operationId: 'openAppeal',
  tags: ['Appeals'],
  summary: 'Take in an objection to being on a list',
  description:
    'Suspends at once every entry that could have kept the person out (with application_id, of that application; else in ' +
    'every scope), each with its whole group; what means another person with the same phone stays. Each contributor has to ' +
    `answer. The same again finds the appeal that is open, with \`Idempotent-Replayed: true\`. ${APPEAL_COURSE} Audited as ` +
    'appeal.open. Roles: admin, risk.',
  request: { headers: reasonHeader, body: jsonBody(openAppealSchema, 'Who objects, and why') },
  responses: {
    201: {
      description: 'The appeal',
      headers: replayHeaders,
      content: { 'application/json': { schema: operatorAppealSchema } },
    },
    ...problemResponses(...operatorProblems, ...bodyProblems),
  },
});

const listRoute = createRoute({
  method: 'get',
  path: '/admin/v1/appeals',
  operationId: 'listAppeals',
  tags: ['Appeals'],
  summary: 'Appeals',
  description: 'Newest first. Those that are `escalated` need an operator. Roles: admin, risk.',
  request: {
    query: z.strictObject({
      ...pageQuery,
      status: appealStatusSchema.optional().openapi({ description: 'Those of one status', example: 'escalated' }),
    }),
  },
  responses: {
    200: {
      description: 'A page of appeals',
      content: { 'application/json': { schema: pageOf(operatorAppealSchema) } },
    },
    ...problemResponses(...operatorProblems),
  },
});

const readRoute = createRoute({
  method: 'get',
  path: '/admin/v1/appeals/{id}',
  operationId: 'readAppeal',
  tags: ['Appeals'],
  summary: 'Read an appeal',
  description: 'With everybody who has to answer, and what they said. Roles: admin, risk.',
  request: { params: z.object({ id: pathIdSchema('apl') }) },
  responses: {
    200: { description: 'The appeal', content: { 'application/json': { schema: operatorAppealSchema } } },
    ...problemResponses(...operatorProblems, 'not_found'),
  },
});

/** `POST` and `GET /admin/v1/appeals`, `GET /admin/v1/appeals/{id}`. */
export function registerAppeals(
  door: OperatorDoor,
  deps: Pick<OperatorDeps, 'lists' | 'appeals' | 'store' | 'registry' | 'audit' | 'logger'>,
): void {
  const { appeals, registry } = deps;
  door.openapi(postRoute, async (c) => {
    const body = c.req.valid('json');
    const { subject, application } = await readAppealRequest(body, deps, () => true);
    const wanted = {
      opener: 'operator' as const,
      by: partyOf(c).name,
      claim: body.claim,
      applicationId: application?.id ?? null,
      subject,
      seen: application === null ? ('all' as const) : scopesOf(application, registry()),
    };
    const what = {
      action: 'appeal.open',
      object: { kind: 'lists', id: 'operator' },
      before: { claim: body.claim },
      after: ({ appeal }: OpenedAppeal) => ({ appeal: appeal.id, entries: appeal.entries.length }),
    };
    const opened = await audited(c, deps, what, async () => openedOrProblem(await appeals.open(wanted)));
    addLogFields(c, { appeal_id: opened.appeal.id });
    const headers = opened.isNew ? undefined : { 'Idempotent-Replayed': 'true' };
    return c.json(operatorAppeal(opened.appeal), 201, headers);
  });

  door.openapi(listRoute, async (c) => {
    const { status, cursor, limit } = c.req.valid('query');
    const page = await appeals.appeals.list(status, appealCursor(cursor), limit);
    const next_cursor = page.nextCursor === null ? null : encodeCursor([page.nextCursor]);
    return c.json({ data: page.data.map(operatorAppeal), next_cursor }, 200);
  });

  door.openapi(readRoute, async (c) => {
    const appeal = await appeals.appeals.get(c.req.valid('param').id);
    if (appeal === undefined) throw noAppeal();
    return c.json(operatorAppeal(appeal), 200);
  });
}

/** Scopes whose entries an application meets. */
function scopesOf({ product_id, funder_ids, lender_id, owner_id }: Application, registry: Registry): ListScope[] {
  const funders = registry.products.get(product_id)?.funders ?? funder_ids;
  return [
    'network',
    `lender:${lender_id}`,
    ...funders.map((id) => `funder:${id}` as const),
    ...(owner_id === null ? [] : [`partner:${owner_id}` as const]),
  ];
}
