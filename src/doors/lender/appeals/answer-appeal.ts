import { createRoute, z } from '@hono/zod-openapi';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { bodyProblems, problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import type { Appeal } from '../../../screening/appeals/appeal.ts';
import { answerFields } from '../../appeals/appeal-schema.ts';
import { answeredOrProblem, readAnswer } from '../../appeals/read-appeal.ts';
import { auditedRequest } from '../../audited-request.ts';
import type { LenderDeps, LenderDoor } from '../lender-deps.ts';
import { lenderAppeal, lenderAppealSchema } from './lender-appeal.ts';

const route = createRoute({
  method: 'post',
  path: '/lender/v1/appeals/{id}/answer',
  operationId: 'answerLenderAppeal',
  tags: ['Appeals'],
  summary: 'Answer an appeal',
  description:
    'For all your entries that it is about. The same answer again is fine; another one is `409 appeal_answered`. When every ' +
    'contributor has answered, the appeal is decided, and partners whose applications were refused because of it are told ' +
    'that the person may come again. Audited as appeal.answer.',
  request: {
    params: z.object({ id: pathIdSchema('apl') }),
    body: jsonBody(
      z.strictObject(answerFields).openapi('LenderAppealAnswer', { description: 'What you say to it' }),
      'Your answer',
    ),
  },
  responses: {
    200: { description: 'The appeal', content: { 'application/json': { schema: lenderAppealSchema } } },
    ...problemResponses(...signedProblems, ...bodyProblems, 'not_found', 'appeal_answered'),
  },
});

/** `POST /lender/v1/appeals/{id}/answer`. */
export function registerAnswerAppeal(door: LenderDoor, deps: Pick<LenderDeps, 'appeals' | 'audit' | 'logger'>): void {
  door.openapi(route, async (c) => {
    const { id: appealId } = c.req.valid('param');
    const body = c.req.valid('json');
    const lender = partyOf(c);
    const given = readAnswer(body, `lender:${lender.id}`);
    addLogFields(c, { appeal_id: appealId, verdict: given.verdict });
    const what = {
      actor: { name: lender.id, role: 'lender' as const },
      action: 'appeal.answer',
      object: { kind: 'appeal', id: appealId },
      reason: given.reason,
      before: { verdict: given.verdict },
      after: ({ status, outcome }: Appeal) => ({ status, outcome }),
    };
    const appeal = await auditedRequest(c, deps, what, async () => {
      return answeredOrProblem(await deps.appeals.answer(appealId, `lender:${lender.id}`, given));
    });
    return c.json(lenderAppeal(appeal, lender.id), 200);
  });
}
