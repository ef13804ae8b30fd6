import { createRoute, z } from '@hono/zod-openapi';
import { repaymentView } from '../../../applications/repayments/repayment-view.ts';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { ProblemError } from '../../../http/problem.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { repaymentSchema } from '../../schemas/repayment-schema.ts';
import { viewAnswer } from '../../schemas/view-answer.ts';
import { visibleApplication } from '../own-application.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/repayments/{id}',
  operationId: 'getRepayment',
  tags: ['Loans'],
  summary: 'One repayment',
  request: { params: z.object({ id: pathIdSchema('rep') }) },
  responses: { 200: viewAnswer(repaymentSchema, 'The repayment'), ...problemResponses(...signedProblems, 'not_found') },
});

export function registerGetRepayment(door: PartnerDoor, { intake }: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const { id: partnerId, visibility } = partyOf(c);
    const { id } = c.req.valid('param');
    const applicationId = visibility === 'none' ? undefined : await intake.store.applicationOf(id);
    const application = applicationId ? await visibleApplication(intake, partnerId, applicationId) : undefined;
    for (const loan of application?.loans ?? []) {
      const repayment = loan.repayments?.find((one) => one.id === id);
      if (application && repayment) return c.json(repaymentView(application, loan, repayment), 200);
    }
    throw new ProblemError('not_found');
  });
}
