import { createRoute, z } from '@hono/zod-openapi';
import { jsonBody } from '../../../http/json-body.ts';
import { bodyProblems, problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { addLogFields } from '../../../http/request-context.ts';
import { quoteProduct } from '../../../intake/quote-loan.ts';
import { quoteRequestSchema, quoteSchema } from '../../schemas/quote-schema.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { quoteProblems, quoteView } from '../quote-view.ts';
import { findProduct } from './find-product.ts';
import { productPathSchema } from './product-schema.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/products/{id}/quotes',
  operationId: 'quoteProduct',
  tags: ['Products'],
  summary: 'What a loan of this product would cost (试算)',
  description:
    'To be shown before anybody applies: nothing can be drawn on it. A 422 says in `allowed` what may be asked for. The guide ' +
    '`money` says how interest, schedule and yearly rates are found.',
  request: {
    params: z.object({ id: productPathSchema }),
    body: jsonBody(quoteRequestSchema, 'Amount and term'),
  },
  responses: {
    200: { description: 'The quote', content: { 'application/json': { schema: quoteSchema } } },
    ...problemResponses(...signedProblems, ...bodyProblems, 'not_found', ...quoteProblems),
  },
});

export function registerPostProductQuote(door: PartnerDoor, deps: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const product = findProduct(deps.intake.registry(), c.req.valid('param').id);
    const result = await quoteProduct(deps.intake, product, c.req.valid('json'));
    if (result.ok && result.statedApr !== null)
      addLogFields(c, { lender_apr: result.statedApr, apr: result.quote.apr });
    return c.json(quoteView(result), 200);
  });
}
