import { createRoute, z } from '@hono/zod-openapi';
import { applicationView, FULL_VIEW } from '../../applications/lifecycle/view.ts';
import { instantSchema } from '../../http/common-schemas.ts';
import { jsonBody } from '../../http/json-body.ts';
import { bodyProblems, problemResponses, replayHeaders, signedProblems } from '../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../http/request-context.ts';
import { reportApplication } from '../../intake/report-application.ts';
import { inputProblem } from '../partner/input-problem.ts';
import { applicationSchema } from '../schemas/application-schema.ts';
import { requestedSchema } from '../schemas/requested-schema.ts';
import { productIdSchema } from '../schemas/scalars.ts';
import { subjectSchema } from '../schemas/subject-schema.ts';
import { viewAnswer } from '../schemas/view-answer.ts';
import type { LenderDoor } from './lender-deps.ts';
import type { ReportingDeps } from './report-registration.ts';
import { lenderRefSchema, passedOn } from './report-schema.ts';

const route = createRoute({
  method: 'post',
  path: '/lender/v1/applications',
  operationId: 'reportApplication',
  tags: ['Applications'],
  summary: 'Report an application made in your own app',
  description:
    'Never refused and not pushed back to you: we record it as submitted and decide who introduced the applicant. Send it again until it is answered; the same lender_ref gets the application as it stands, with `Idempotent-Replayed: true`.',
  request: {
    body: jsonBody(
      z.strictObject({
        lender_ref: lenderRefSchema,
        product_id: productIdSchema,
        subject: subjectSchema,
        requested: requestedSchema.nullish(),
        ...passedOn,
        channel: z
          .enum(['app', 'h5', 'mini_program', 'store'])
          .openapi({ description: 'Where the person applied', example: 'app' }),
        applied_at: instantSchema.openapi({ description: 'When the person applied' }),
      }),
      'The application',
    ),
  },
  responses: {
    201: {
      ...viewAnswer(
        applicationSchema,
        'The application as it stands; attribution.partner_id is null when nobody introduced it',
      ),
      headers: replayHeaders,
    },
    ...problemResponses(...signedProblems, ...bodyProblems, 'unknown_product'),
  },
});

/** `POST /lender/v1/applications`. */
export function registerReportApplication(door: LenderDoor, { reports }: ReportingDeps): void {
  door.openapi(route, async (c) => {
    const result = await reportApplication(reports, partyOf(c).id, c.req.valid('json'));
    if (result.kind === 'invalid') throw inputProblem(result.faults);
    const { application, replayed } = result;
    addLogFields(c, { application_id: application.id, attributed_to: application.attribution.partner_id });
    return c.json(applicationView(application, FULL_VIEW), 201, replayed ? { 'Idempotent-Replayed': 'true' } : {});
  });
}
