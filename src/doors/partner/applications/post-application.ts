import { createRoute } from '@hono/zod-openapi';
import { applicationView } from '../../../applications/lifecycle/view.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { bodyProblems, problemResponses, replayHeaders, signedProblems } from '../../../http/problem-responses.ts';
import { addLogFields, addWarning, partyOf } from '../../../http/request-context.ts';
import { applicationSchema } from '../../schemas/application-schema.ts';
import { subIdsOf } from '../../schemas/sub-ids-schema.ts';
import { viewAnswer } from '../../schemas/view-answer.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { submitOrProblem } from './submit-or-problem.ts';
import { submitSchema } from './submit-schema.ts';

/** Said when a precheck was cited whose reservation is none, or over, or not for this applicant: it has no effect. */
const PRECHECK_NOT_LIVE = 'precheck_not_live';

const route = createRoute({
  method: 'post',
  path: '/v1/applications',
  operationId: 'submitApplication',
  tags: ['Applications'],
  summary: 'Apply for somebody; answered once it is decided who owns the applicant',
  description:
    'A refused application is an answer: `201` with `status: refused`. The same `partner_ref` with the same content answers again, with `Idempotent-Replayed: true`. A `precheck_id` whose reservation stands brings the terms that were quoted along, and is taken while the product is paused; any other has no effect, and `Sluice-Warnings: precheck_not_live` says so.',
  request: { body: jsonBody(submitSchema, 'The application') },
  responses: {
    201: { ...viewAnswer(applicationSchema, 'The application as it stands'), headers: replayHeaders },
    ...problemResponses(
      ...signedProblems,
      ...bodyProblems,
      'unknown_product',
      'field_missing',
      'consent_missing',
      'idempotency_conflict',
    ),
  },
});

export function registerPostApplication(door: PartnerDoor, { intake }: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const body = c.req.valid('json');
    const partner = partyOf(c);
    const input = { ...body, sub_ids: subIdsOf(body.sub_ids) };
    const { application, replayed } = await submitOrProblem(intake, { partner, origin: 'partner' }, input);
    if (application.precheck_live === false) addWarning(c, PRECHECK_NOT_LIVE);
    addLogFields(c, { application_id: application.id, status: application.status, reason: application.reason });
    return c.json(applicationView(application, partner), 201, replayed ? { 'Idempotent-Replayed': 'true' } : {});
  });
}
