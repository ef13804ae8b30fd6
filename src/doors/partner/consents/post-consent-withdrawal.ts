import { createRoute, z } from '@hono/zod-openapi';
import { productAsAccepted } from '../../../applications/product-as-accepted.ts';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { bodyProblems, problemResponses, replayHeaders, signedProblems } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import { withdrawConsents } from '../../../intake/withdraw-consent.ts';
import { viewAnswer } from '../../schemas/view-answer.ts';
import { ownApplication } from '../own-application.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { withdrawalRequestSchema, withdrawalSchema } from './withdrawal-schema.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/applications/{id}/consents/withdrawals',
  operationId: 'withdrawConsents',
  tags: ['Applications'],
  summary: 'Take consents back (撤回同意); as easy as giving them',
  description:
    'Before the credit is granted, an application that cannot go on without one of these kinds is cancelled, reason `consent_withdrawn`. Afterwards a contract runs on its own basis: the withdrawal is noted and nothing else changes. `marketing` never has a consequence. The lender is told in each case. The same again changes nothing, and is answered with `Idempotent-Replayed: true`.',
  request: {
    params: z.object({ id: pathIdSchema('app') }),
    body: jsonBody(withdrawalRequestSchema, 'What is taken back'),
  },
  responses: {
    200: { ...viewAnswer(withdrawalSchema, 'What follows'), headers: replayHeaders },
    ...problemResponses(...signedProblems, ...bodyProblems, 'not_found'),
  },
});

export function registerPostConsentWithdrawal(door: PartnerDoor, { intake }: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const found = await ownApplication(intake, partyOf(c).id, c.req.valid('param').id);
    const product = productAsAccepted(found, intake.registry().products.get(found.product_id));
    const result = await withdrawConsents(intake, found, product, c.req.valid('json'));
    const { application, effect, withdrawn, notGiven, replayed } = result;
    addLogFields(c, { application_id: application.id, effect });
    const answer = {
      application_id: application.id,
      effect,
      status: application.status,
      reason: application.reason,
      withdrawn,
      not_given: notGiven,
    };
    return c.json(answer, 200, replayed ? { 'Idempotent-Replayed': 'true' } : {});
  });
}
