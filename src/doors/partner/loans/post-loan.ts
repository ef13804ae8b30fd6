import { createRoute, z } from '@hono/zod-openapi';
import { loanView } from '../../../applications/lifecycle/loan-view.ts';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { bodyProblems, problemResponses, replayHeaders, signedProblems } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import { drawDown } from '../../../intake/draw-down.ts';
import { loanSchema } from '../../schemas/loan-schema.ts';
import { viewAnswer } from '../../schemas/view-answer.ts';
import { acceptedProduct } from '../accepted-product.ts';
import { ownApplication } from '../own-application.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { loanProblem } from './loan-problem.ts';
import { loanRequestSchema } from './loan-request-schema.ts';

const more = [
  'not_found',
  'credit_not_active',
  'loan_open',
  'limit_reached',
  'drawdown_declined',
  'quote_expired',
  'quote_mismatch',
  'idempotency_conflict',
  'over_available',
  'field_missing',
  'consent_missing',
  'product_paused',
] as const;

const route = createRoute({
  method: 'post',
  path: '/v1/applications/{id}/loans',
  operationId: 'requestLoan',
  tags: ['Loans'],
  summary: 'Draw down under the granted credit (用信); idempotent by partner_ref',
  description:
    'Within `credit.available`, for one of the product’s purposes, with the consents of stage `drawdown`. A product of kind ' +
    '`instalment` lends one loan at a time, a revolving one several. `quote_id` holds you to the quote that the applicant ' +
    'has seen. Without `card_id` and `bank_card` the default bound card is used. The lender’s 借款审批 follows: `in_review`, ' +
    '`needs_input`, `declined` with `retry_at`, before which no other drawdown is taken.',
  request: { params: z.object({ id: pathIdSchema('app') }), body: jsonBody(loanRequestSchema, 'The drawdown') },
  responses: {
    201: { ...viewAnswer(loanSchema, 'The loan'), headers: replayHeaders },
    ...problemResponses(...signedProblems, ...bodyProblems, ...more),
  },
});

export function registerPostLoan(door: PartnerDoor, { intake }: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const partner = partyOf(c);
    const found = await ownApplication(intake, partner.id, c.req.valid('param').id);
    const product = acceptedProduct(intake.registry(), found);
    const result = await drawDown(intake, found, product, c.req.valid('json'));
    if (!result.ok) throw loanProblem(result, intake.clock.nowMs());
    const { application, loan, replayed } = result;
    addLogFields(c, { application_id: application.id, loan_id: loan.id });
    const headers: Record<string, string> = replayed ? { 'Idempotent-Replayed': 'true' } : {};
    return c.json(loanView(application, loan, partner.visibility), 201, headers);
  });
}
