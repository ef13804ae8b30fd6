import { createRoute, z } from '@hono/zod-openapi';
import { repaymentView } from '../../../applications/repayments/repayment-view.ts';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { bodyProblems, problemResponses, replayHeaders, signedProblems } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import { repay } from '../../../intake/repay.ts';
import { repaymentRequestSchema, repaymentSchema } from '../../schemas/repayment-schema.ts';
import { viewAnswer } from '../../schemas/view-answer.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { ownRepayableLoan } from './own-loan.ts';
import { repaymentProblem, repaymentProblems } from './repayment-problem.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/loans/{id}/repayments',
  operationId: 'requestRepayment',
  tags: ['Loans'],
  summary: 'Repay instalments (主动还款); idempotent by partner_ref',
  description:
    'The lender is asked at once to collect what `…/repayments/quote` comes to. It answers with a step for the applicant, ' +
    'with a refusal, or later: `succeeded` follows from its payments, `failed` from its word. One repayment of the same ' +
    'instalments at a time.',
  request: {
    params: z.object({ id: pathIdSchema('loan') }),
    body: jsonBody(repaymentRequestSchema, 'The repayment'),
  },
  responses: {
    201: { ...viewAnswer(repaymentSchema, 'The repayment'), headers: replayHeaders },
    ...problemResponses(
      ...signedProblems,
      ...bodyProblems,
      ...repaymentProblems,
      'repayment_pending',
      'limit_reached',
      'idempotency_conflict',
    ),
  },
});

export function registerPostRepayment(door: PartnerDoor, { intake }: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const repayable = await ownRepayableLoan(intake, partyOf(c), c.req.valid('param').id);
    const result = await repay(intake, repayable, c.req.valid('json'));
    if (!result.ok) throw repaymentProblem(result);
    const { application, loan, repayment, replayed } = result;
    addLogFields(c, { application_id: application.id, loan_id: loan.id, repayment_id: repayment.id });
    const headers: Record<string, string> = replayed ? { 'Idempotent-Replayed': 'true' } : {};
    return c.json(repaymentView(application, loan, repayment), 201, headers);
  });
}
