import { createRoute, z } from '@hono/zod-openapi';
import { loanView } from '../../../applications/lifecycle/loan-view.ts';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { loanSchema } from '../../schemas/loan-schema.ts';
import { viewAnswer } from '../../schemas/view-answer.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { ownLoan } from './own-loan.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/loans/{id}',
  operationId: 'getLoan',
  tags: ['Loans'],
  summary: 'One loan',
  request: { params: z.object({ id: pathIdSchema('loan') }) },
  responses: { 200: viewAnswer(loanSchema, 'The loan'), ...problemResponses(...signedProblems, 'not_found') },
});

export function registerGetLoan(door: PartnerDoor, { intake }: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const partner = partyOf(c);
    const { application, loan } = await ownLoan(intake, partner.id, c.req.valid('param').id);
    return c.json(loanView(application, loan, partner.visibility), 200);
  });
}
