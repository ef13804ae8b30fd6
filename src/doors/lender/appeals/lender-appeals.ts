import { createRoute, z } from '@hono/zod-openapi';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { encodeCursor, pageOf, pageQuery } from '../../../http/pagination.ts';
import { bodyProblems, problemResponses, replayHeaders, signedProblems } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import type { OpenedAppeal } from '../../../screening/appeals/appeal-desk.ts';
import type { ListScope } from '../../../screening/lists/entry.ts';
import { APPEAL_COURSE, openAppealSchema } from '../../appeals/appeal-schema.ts';
import { appealCursor, noAppeal, openedOrProblem, readAppealRequest } from '../../appeals/read-appeal.ts';
import { auditedRequest } from '../../audited-request.ts';
import type { LenderDeps, LenderDoor } from '../lender-deps.ts';
import { seenScopes } from '../lists/lender-scopes.ts';
import { concerns, lenderAppeal, lenderAppealSchema } from './lender-appeal.ts';

const postRoute = createRoute({
  method: 'post',
  path: '/lender/v1/appeals',
  operationId: 'openLenderAppeal',
  tags: ['Appeals'],
  summary: 'Take in an objection to being on a list',
  description:
    'Suspends at once every entry that could have kept the person out of your applications, whoever contributed it, with ' +
    'its whole group; what means another person with the same phone stays. Each contributor has to answer. The same again ' +
    `finds the appeal that is open, with \`Idempotent-Replayed: true\`. ${APPEAL_COURSE} Audited as appeal.open.`,
  request: { body: jsonBody(openAppealSchema, 'Who objects, and why') },
  responses: {
    201: {
      description: 'The appeal',
      headers: replayHeaders,
      content: { 'application/json': { schema: lenderAppealSchema } },
    },
    ...problemResponses(...signedProblems, ...bodyProblems),
  },
});

const listRoute = createRoute({
  method: 'get',
  path: '/lender/v1/appeals',
  operationId: 'listLenderAppeals',
  tags: ['Appeals'],
  summary: 'Appeals that you took in or have to answer',
  description: 'Newest first.',
  request: { query: z.strictObject(pageQuery) },
  responses: {
    200: {
      description: 'A page of appeals',
      content: { 'application/json': { schema: pageOf(lenderAppealSchema) } },
    },
    ...problemResponses(...signedProblems),
  },
});

const readRoute = createRoute({
  method: 'get',
  path: '/lender/v1/appeals/{id}',
  operationId: 'readLenderAppeal',
  tags: ['Appeals'],
  summary: 'Read an appeal',
  description: 'One that you took in, or that is about entries of yours.',
  request: { params: z.object({ id: pathIdSchema('apl') }) },
  responses: {
    200: { description: 'The appeal', content: { 'application/json': { schema: lenderAppealSchema } } },
    ...problemResponses(...signedProblems, 'not_found'),
  },
});

/** `POST` and `GET /lender/v1/appeals`, `GET /lender/v1/appeals/{id}`. */
export function registerLenderAppeals(
  door: LenderDoor,
  deps: Pick<LenderDeps, 'lists' | 'appeals' | 'store' | 'reports' | 'audit' | 'logger'>,
): void {
  const { appeals } = deps;
  door.openapi(postRoute, async (c) => {
    const lender = partyOf(c);
    const body = c.req.valid('json');
    const { subject, application } = await readAppealRequest(body, deps, (one) => one.lender_id === lender.id);
    const product = application === null ? undefined : deps.reports.registry().products.get(application.product_id);
    const seen: readonly ListScope[] =
      product === undefined
        ? seenScopes(lender)
        : ['network', `lender:${lender.id}`, ...product.funders.map((id) => `funder:${id}` as const)];
    const wanted = {
      opener: `lender:${lender.id}` as const,
      by: lender.id,
      claim: body.claim,
      applicationId: application?.id ?? null,
      subject,
      seen,
    };
    const what = {
      actor: { name: lender.id, role: 'lender' as const },
      action: 'appeal.open',
      object: { kind: 'lists', id: `lender:${lender.id}` },
      reason: null,
      before: { claim: body.claim },
      after: ({ appeal }: OpenedAppeal) => ({ appeal: appeal.id, entries: appeal.entries.length }),
    };
    const opened = await auditedRequest(c, deps, what, async () => openedOrProblem(await appeals.open(wanted)));
    addLogFields(c, { appeal_id: opened.appeal.id });
    const headers = opened.isNew ? undefined : { 'Idempotent-Replayed': 'true' };
    return c.json(lenderAppeal(opened.appeal, lender.id), 201, headers);
  });

  door.openapi(listRoute, async (c) => {
    const { cursor, limit } = c.req.valid('query');
    const { id } = partyOf(c);
    const page = await appeals.appeals.listOf(`lender:${id}`, appealCursor(cursor), limit);
    const next_cursor = page.nextCursor === null ? null : encodeCursor([page.nextCursor]);
    return c.json({ data: page.data.map((appeal) => lenderAppeal(appeal, id)), next_cursor }, 200);
  });

  door.openapi(readRoute, async (c) => {
    const { id } = partyOf(c);
    const appeal = await appeals.appeals.get(c.req.valid('param').id);
    if (appeal === undefined || !concerns(appeal, id)) throw noAppeal();
    return c.json(lenderAppeal(appeal, id), 200);
  });
}
