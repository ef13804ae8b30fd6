import { createRoute, z } from '@hono/zod-openapi';
import { productAsAccepted } from '../../../applications/product-as-accepted.ts';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { bodyProblems, problemResponses, replayHeaders, signedProblems } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import { answerAction } from '../../../intake/answer-action.ts';
import { viewAnswer } from '../../schemas/view-answer.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { actionAnswer } from './action-answer.ts';
import { actionAnswerSchema, actionResultSchema } from './action-schema.ts';
import { ownerOf } from './own-action.ts';

const more = [
  'not_found',
  'action_expired',
  'action_completed',
  'field_missing',
  'consent_missing',
  'document_unknown',
  'otp_wrong',
  'action_refused',
  'card_refused',
  'limit_reached',
  'lender_unavailable',
] as const;

const route = createRoute({
  method: 'post',
  path: '/v1/actions/{id}',
  operationId: 'answerAction',
  tags: ['Actions'],
  summary: 'The applicant has done what next_action asks for',
  description:
    'Recorded, then sent to the lender at once: `accepted`, or `202` with `pending` while the lender is slow or away. What was accepted is not asked for again; the application goes on by the lender’s word. A code is judged while you wait: `otp_wrong` with `tries_left` where the lender tells, `503 lender_unavailable` when it cannot be asked; then nothing is kept and nothing is sent later. The same answer again is answered with `Idempotent-Replayed: true`, another one with `action_completed`.',
  request: { params: z.object({ id: pathIdSchema('act') }), body: jsonBody(actionAnswerSchema, 'What was done') },
  responses: {
    200: { ...viewAnswer(actionResultSchema, 'The lender has it'), headers: replayHeaders },
    202: { ...viewAnswer(actionResultSchema, 'It is recorded and being sent'), headers: replayHeaders },
    ...problemResponses(...signedProblems, ...bodyProblems, ...more),
  },
});

export function registerPostAction(door: PartnerDoor, { intake }: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const partner = partyOf(c);
    const { id } = c.req.valid('param');
    const application = await ownerOf(intake, partner.id, id);
    addLogFields(c, { application_id: application.id, action_id: id });
    const product = productAsAccepted(application, intake.registry().products.get(application.product_id));
    const result = await answerAction(intake, application, id, c.req.valid('json'), product);
    const { body, status, headers } = actionAnswer(result, partner);
    return c.json(body, status, headers);
  });
}
