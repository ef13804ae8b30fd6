import { createRoute, z } from '@hono/zod-openapi';
import { idSchema, instantSchema } from '../../http/common-schemas.ts';
import { jsonBody } from '../../http/json-body.ts';
import { bodyProblems, problemResponses, replayHeaders, signedProblems } from '../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../http/request-context.ts';
import type { ReportDeps } from '../../intake/attribute-at-lender.ts';
import { reportRegistration } from '../../intake/report-registration.ts';
import { inputProblem } from '../partner/input-problem.ts';
import { productIdSchema } from '../schemas/scalars.ts';
import { subjectSchema } from '../schemas/subject-schema.ts';
import type { LenderDoor } from './lender-deps.ts';
import { lenderRefSchema, passedOn } from './report-schema.ts';

export interface ReportingDeps {
  readonly reports: ReportDeps;
}

const registrationSchema = z
  .object({
    id: idSchema('reg'),
    attribution: z
      .object({
        partner_id: z
          .string()
          .nullable()
          .openapi({ description: 'Who introduced them; null = nobody', example: 'acme' }),
        via: z
          .enum(['api', 'click', 'handoff', 'lender'])
          .nullable()
          .openapi({ description: 'By what contact', example: 'click' }),
        reason: z.string().openapi({ description: 'Why', example: 'last_touch' }),
      })
      .openapi({ description: 'Who introduced them' }),
  })
  .openapi('Registration', { description: 'Somebody who registered with you' });

const route = createRoute({
  method: 'post',
  path: '/lender/v1/registrations',
  operationId: 'reportRegistration',
  tags: ['Applications'],
  summary: 'Report that somebody registered',
  description:
    'Never refused: we record it and decide who introduced the person. Send it again until it is answered; the same lender_ref gets the first answer, with `Idempotent-Replayed: true`.',
  request: {
    body: jsonBody(
      z.strictObject({
        lender_ref: lenderRefSchema,
        product_id: productIdSchema.nullish(),
        subject: subjectSchema,
        ...passedOn,
        registered_at: instantSchema.openapi({ description: 'When they registered' }),
      }),
      'The registration',
    ),
  },
  responses: {
    201: {
      description: 'Recorded',
      headers: replayHeaders,
      content: { 'application/json': { schema: registrationSchema } },
    },
    ...problemResponses(...signedProblems, ...bodyProblems, 'unknown_product'),
  },
});

/** `POST /lender/v1/registrations`. */
export function registerReportRegistration(door: LenderDoor, { reports }: ReportingDeps): void {
  door.openapi(route, async (c) => {
    const result = await reportRegistration(reports, partyOf(c).id, c.req.valid('json'));
    if (result.kind === 'invalid') throw inputProblem(result.faults);
    const { id, attribution } = result.registration;
    addLogFields(c, { registration_id: id, attributed_to: attribution.partner_id });
    const { partner_id, via, reason } = attribution;
    const answer = { id, attribution: { partner_id, via, reason } };
    return c.json(answer, 201, result.replayed ? { 'Idempotent-Replayed': 'true' } : {});
  });
}
