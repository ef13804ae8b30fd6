import { createRoute, z } from '@hono/zod-openapi';
import { scheduleView } from '../../../applications/lifecycle/loan-view.ts';
import { productAsAccepted } from '../../../applications/product-as-accepted.ts';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { DEFAULT_TIMEZONE } from '../../../registry/schema/scalars.ts';
import { scheduleSchema } from '../../schemas/loan-schema.ts';
import { viewAnswer } from '../../schemas/view-answer.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { ownLoan } from './own-loan.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/loans/{id}/schedule',
  operationId: 'getSchedule',
  tags: ['Loans'],
  summary: 'Repayment schedule of a loan (还款计划)',
  request: { params: z.object({ id: pathIdSchema('loan') }) },
  responses: {
    200: viewAnswer(scheduleSchema, 'The schedule'),
    ...problemResponses(...signedProblems, 'not_found'),
  },
});

export function registerGetSchedule(door: PartnerDoor, { intake }: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const partner = partyOf(c);
    const { application, loan } = await ownLoan(intake, partner.id, c.req.valid('param').id);
    const product = productAsAccepted(application, intake.registry().products.get(application.product_id));
    const timezone = product?.timezone ?? DEFAULT_TIMEZONE;
    const schedule = scheduleView(loan, partner.visibility, intake.clock.nowMs(), timezone);
    return c.json({ loan_id: loan.id, schedule }, 200);
  });
}
