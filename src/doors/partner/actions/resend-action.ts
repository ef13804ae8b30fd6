import { createRoute, z } from '@hono/zod-openapi';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { ProblemError } from '../../../http/problem.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import { type ResendResult, resendCode } from '../../../intake/resend-code.ts';
import { viewAnswer } from '../../schemas/view-answer.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { actionProblem } from './action-problem.ts';
import { resentSchema } from './action-schema.ts';
import { ownerOf } from './own-action.ts';

const more = [
  'not_found',
  'action_expired',
  'action_completed',
  'illegal_transition',
  'action_refused',
  'lender_unavailable',
] as const;

const route = createRoute({
  method: 'post',
  path: '/v1/actions/{id}/resend',
  operationId: 'resendCode',
  tags: ['Actions'],
  summary: 'Have the lender send another code',
  description:
    'For an action of type otp, 60 seconds apart at least: sooner is 429 with `Retry-After`. The lender is asked while you wait; when it does not answer, none is sent later and the next may be asked for at once.',
  request: { params: z.object({ id: pathIdSchema('act') }) },
  responses: {
    200: viewAnswer(resentSchema, 'Another code is on its way'),
    ...problemResponses(...signedProblems, ...more),
  },
});

export function registerResendAction(door: PartnerDoor, { intake }: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const application = await ownerOf(intake, partyOf(c).id, id);
    addLogFields(c, { application_id: application.id, action_id: id });
    const result = await resendCode(intake, application, id);
    if (result.kind !== 'resent') throw resendProblem(result);
    const { sent_to = null, expires_at } = result.action;
    return c.json({ action_id: id, sent_to, expires_at, next_resend_at: result.nextAt }, 200);
  });
}

function resendProblem(result: Exclude<ResendResult, { readonly kind: 'resent' }>): ProblemError {
  if (result.kind === 'no_code') {
    const message = `only codes are sent again; the action is of type ${result.type}`;
    return new ProblemError('illegal_transition', message, { members: { legal: [] } });
  }
  if (result.kind !== 'too_soon') return actionProblem(result);
  const detail = `another code may be sent in ${result.waitSeconds} seconds`;
  return new ProblemError('rate_limited', detail, { headers: { 'Retry-After': String(result.waitSeconds) } });
}
