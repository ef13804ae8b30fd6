import { createRoute, z } from '@hono/zod-openapi';
import { applicationView } from '../../../applications/lifecycle/view.ts';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { ProblemError } from '../../../http/problem.ts';
import { bodyProblems, problemResponses, replayHeaders, signedProblems } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import { cancelApplication } from '../../../intake/cancel-application.ts';
import { reasonInTheOpen } from '../../../intake/reason-in-the-open.ts';
import { applicationSchema } from '../../schemas/application-schema.ts';
import { viewAnswer } from '../../schemas/view-answer.ts';
import { cancelSchema } from '../cancel-schema.ts';
import { ownApplication } from '../own-application.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/applications/{id}/cancel',
  operationId: 'cancelApplication',
  tags: ['Applications'],
  summary: 'End an application that its applicant wants no more of',
  description:
    'Until the credit is drawn; from then on cancel the loan. It is cancelled here at once and the lender is told; what was not yet sent to the lender is not sent any more. Once more is answered with `Idempotent-Replayed: true`.',
  request: { params: z.object({ id: pathIdSchema('app') }), body: jsonBody(cancelSchema, 'Why') },
  responses: {
    200: { ...viewAnswer(applicationSchema, 'The application, cancelled'), headers: replayHeaders },
    ...problemResponses(...signedProblems, ...bodyProblems, 'not_found', 'illegal_transition'),
  },
});

export function registerPostCancellation(door: PartnerDoor, { intake }: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const partner = partyOf(c);
    const { id: applicationId } = await ownApplication(intake, partner.id, c.req.valid('param').id);
    const reason = await reasonInTheOpen(intake, applicationId, c.req.valid('json').reason);
    const result = await cancelApplication(intake, { applicationId, reason, by: 'partner' });
    if (result.kind === 'unknown') throw new ProblemError('not_found');
    if (result.kind === 'illegal') {
      throw new ProblemError('illegal_transition', result.message, { members: { legal: [] } });
    }
    const { application, replayed } = result;
    addLogFields(c, { application_id: applicationId, status: application.status });
    return c.json(applicationView(application, partner), 200, replayed ? { 'Idempotent-Replayed': 'true' } : {});
  });
}
