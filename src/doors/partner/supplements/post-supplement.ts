import { createRoute, z } from '@hono/zod-openapi';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { bodyProblems, problemResponses, replayHeaders, signedProblems } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import { submitSupplement } from '../../../intake/submit-supplement.ts';
import { viewAnswer } from '../../schemas/view-answer.ts';
import { actionAnswer } from '../actions/action-answer.ts';
import { actionResultSchema, papersShape } from '../actions/action-schema.ts';
import { ownApplication } from '../own-application.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';

const supplementSchema = z
  .strictObject(papersShape)
  .refine((body) => Object.values(body).some((part) => part !== undefined), {
    error: 'must hold at least one of applicant, documents, verifications, consents',
  })
  .openapi('Supplement', { description: 'What is added to an application (补件)' });

const more = [
  'not_found',
  'illegal_transition',
  'action_completed',
  'action_expired',
  'action_refused',
  'limit_reached',
] as const;

const route = createRoute({
  method: 'post',
  path: '/v1/applications/{id}/supplements',
  operationId: 'supplementApplication',
  tags: ['Applications'],
  summary: 'Add to an application what its lender asks for, or what nobody asked for',
  description:
    'Until the lender has decided. What covers an open `next_action` of type supplement answers it, and is not asked for again; the application goes on by the lender’s word. Recorded first, then sent at once: `202` with `pending` while the lender is slow or away. The same again is answered with `Idempotent-Replayed: true`.',
  request: { params: z.object({ id: pathIdSchema('app') }), body: jsonBody(supplementSchema, 'What is added') },
  responses: {
    200: { ...viewAnswer(actionResultSchema, 'The lender has it'), headers: replayHeaders },
    202: { ...viewAnswer(actionResultSchema, 'It is recorded and being sent'), headers: replayHeaders },
    ...problemResponses(...signedProblems, ...bodyProblems, ...more, 'document_unknown'),
  },
});

export function registerPostSupplement(door: PartnerDoor, { intake }: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const partner = partyOf(c);
    const application = await ownApplication(intake, partner.id, c.req.valid('param').id);
    const result = await submitSupplement(intake, application, c.req.valid('json'));
    const { body, status, headers } = actionAnswer(result, partner);
    addLogFields(c, { application_id: application.id, action_id: body.action_id });
    return c.json(body, status, headers);
  });
}
