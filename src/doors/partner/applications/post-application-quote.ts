import { createRoute, z } from '@hono/zod-openapi';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { bodyProblems, problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import { quoteCredit } from '../../../intake/quote-loan.ts';
import { quoteRequestSchema, quoteSchema } from '../../schemas/quote-schema.ts';
import { acceptedProduct } from '../accepted-product.ts';
import { ownApplication } from '../own-application.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { quoteProblems, quoteView } from '../quote-view.ts';

const more = ['not_found', 'credit_not_active', 'over_available', ...quoteProblems] as const;

const route = createRoute({
  method: 'post',
  path: '/v1/applications/{id}/quotes',
  operationId: 'quoteApplication',
  tags: ['Applications'],
  summary: 'What a drawdown under the granted credit would cost (试算)',
  description:
    'Priced by the credit: its own price for the term where it has one, else the product’s, within what is available. A ' +
    'drawdown may cite the `id` as `quote_id` until `valid_until`, for the same amount and term. A 422 says in `allowed` ' +
    'what may be asked for: `min`, `max`, `step` in minor units, `terms` in `term_unit`.',
  request: {
    params: z.object({ id: pathIdSchema('app') }),
    body: jsonBody(quoteRequestSchema, 'Amount and term within the credit'),
  },
  responses: {
    200: { description: 'The quote', content: { 'application/json': { schema: quoteSchema } } },
    ...problemResponses(...signedProblems, ...bodyProblems, ...more),
  },
});

export function registerPostApplicationQuote(door: PartnerDoor, { intake }: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const application = await ownApplication(intake, partyOf(c).id, c.req.valid('param').id);
    const product = acceptedProduct(intake.registry(), application);
    const result = await quoteCredit(intake, application, product, c.req.valid('json'));
    if (result.ok && result.statedApr !== null)
      addLogFields(c, { lender_apr: result.statedApr, apr: result.quote.apr });
    addLogFields(c, { application_id: application.id });
    return c.json(quoteView(result), 200);
  });
}
