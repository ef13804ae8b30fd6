import { createRoute, z } from '@hono/zod-openapi';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { ProblemError } from '../../../http/problem.ts';
import { bodyProblems, problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { quoteRequestSchema, quoteSchema } from '../../schemas/quote-schema.ts';
import { ownApplication } from '../own-application.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { findProduct } from '../products/find-product.ts';
import { quoteView } from '../quote-view.ts';
import { creditOffer } from './credit-offer.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/applications/{id}/quotes',
  operationId: 'quoteApplication',
  tags: ['Applications'],
  summary: 'What a drawdown under the granted credit would cost (试算)',
  request: {
    params: z.object({ id: pathIdSchema('app') }),
    body: jsonBody(quoteRequestSchema, 'Amount and term within the credit'),
  },
  responses: {
    200: { description: 'The quote', content: { 'application/json': { schema: quoteSchema } } },
    ...problemResponses(...signedProblems, ...bodyProblems, 'not_found', 'illegal_transition'),
  },
});

export function registerPostApplicationQuote(door: PartnerDoor, { intake }: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const application = await ownApplication(intake, partyOf(c).id, c.req.valid('param').id);
    const product = findProduct(intake.registry(), application.product_id);
    const request = c.req.valid('json');
    const nowMs = intake.clock.nowMs();
    const offer = creditOffer(application, product, request.term, nowMs);
    if (offer === undefined) throw new ProblemError('illegal_transition', 'there is no credit that can be drawn');
    return c.json(quoteView(offer, product.timezone, request, nowMs), 200);
  });
}
