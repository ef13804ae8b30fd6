import { createRoute, z } from '@hono/zod-openapi';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { bodyProblems, operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import type { Appeal } from '../../../screening/appeals/appeal.ts';
import { contributorsOf, entriesOf } from '../../../screening/appeals/appeal-rules.ts';
import { CONTRIBUTOR_PATTERN, type Contributor } from '../../../screening/lists/entry.ts';
import { answerFields } from '../../appeals/appeal-schema.ts';
import { answeredOrProblem, invalid, noAppeal, readAnswer } from '../../appeals/read-appeal.ts';
import { audited } from '../audited.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';
import { operatorAppeal, operatorAppealSchema } from './operator-appeal.ts';

const route = createRoute({
  method: 'post',
  path: '/admin/v1/appeals/{id}/answer',
  operationId: 'answerAppeal',
  tags: ['Appeals'],
  summary: 'Answer an appeal for whoever contributed',
  description:
    'For entries of the operators, of partners, automatic ones, and those that a lender contributed in the scope of a ' +
    'funder or the network. For entries in its own scope a lender answers itself, until the appeal is escalated. The same ' +
    'answer again is fine; another one is `409 appeal_answered`. Audited as appeal.answer. Roles: admin, risk.',
  request: {
    params: z.object({ id: pathIdSchema('apl') }),
    body: jsonBody(
      z
        .strictObject({
          ...answerFields,
          contributor: z
            .string()
            .regex(CONTRIBUTOR_PATTERN, 'must be operator, gateway, lender:<id> or partner:<id>')
            .transform((text) => text as Contributor)
            .optional()
            .openapi({
              description: 'For whom; may be left out when there is but one who is no lender',
              example: 'operator',
            }),
        })
        .openapi('OperatorAppealAnswer', { description: 'What is said to it, and for whom' }),
      'The answer',
    ),
  },
  responses: {
    200: { description: 'The appeal', content: { 'application/json': { schema: operatorAppealSchema } } },
    ...problemResponses(...operatorProblems, ...bodyProblems, 'not_found', 'appeal_answered'),
  },
});

/** `POST /admin/v1/appeals/{id}/answer`. */
export function registerAnswerAnyAppeal(
  door: OperatorDoor,
  deps: Pick<OperatorDeps, 'appeals' | 'audit' | 'logger'>,
): void {
  door.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const body = c.req.valid('json');
    const given = readAnswer(body, partyOf(c).name);
    const before = await deps.appeals.appeals.get(id);
    if (before === undefined) throw noAppeal();
    const contributor = contributorOf(before, body.contributor);
    addLogFields(c, { appeal_id: id, verdict: given.verdict, contributor });
    const what = {
      action: 'appeal.answer',
      object: { kind: 'appeal', id },
      reason: given.reason,
      before: { status: before.status, contributor, verdict: given.verdict },
      after: ({ status, outcome }: Appeal) => ({ status, outcome }),
    };
    const appeal = await audited(c, deps, what, async () =>
      answeredOrProblem(await deps.appeals.answer(id, contributor, given)),
    );
    return c.json(operatorAppeal(appeal), 200);
  });
}

/**
 * For whom an operator answers.
 * @throws ProblemError 422 when it is not clear, or not an operator's to say
 */
function contributorOf(appeal: Appeal, named: Contributor | undefined): Contributor {
  const fault = (code: string, message: string) => invalid([{ pointer: '/contributor', code, message }]);
  const all = contributorsOf(appeal);
  const [only, ...more] = all.filter((one) => !one.startsWith('lender:'));
  const contributor = named ?? (more.length === 0 ? only : undefined);
  if (contributor === undefined) throw fault('required', `must name one of ${all.join(', ') || 'nobody'}`);
  if (!all.includes(contributor)) throw fault('not_found', 'has no entries in this appeal');
  const isPrivate = entriesOf(appeal, contributor).some(({ scope }) => scope === contributor);
  if (contributor.startsWith('lender:') && isPrivate && appeal.status === 'open') {
    throw fault('not_allowed', `answers itself for its own scope until ${appeal.due_by}`);
  }
  return contributor;
}
