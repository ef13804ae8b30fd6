import { createRoute, z } from '@hono/zod-openapi';
import { jsonBody } from '../../../http/json-body.ts';
import { bodyProblems, problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { quoteRequestSchema, quoteSchema } from '../../schemas/quote-schema.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { quoteView } from '../quote-view.ts';
import { findProduct } from './find-product.ts';
import { productPathSchema } from './product-schema.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/products/{id}/quotes',
  operationId: 'quoteProduct',
  tags: ['Products'],
  summary: 'What a loan of this product would cost (试算)',
  request: {
    params: z.object({ id: productPathSchema }),
    body: jsonBody(quoteRequestSchema, 'Amount and term'),
  },
  responses: {
    200: { description: 'The quote', content: { 'application/json': { schema: quoteSchema } } },
    ...problemResponses(...signedProblems, ...bodyProblems, 'not_found'),
  },
});

export function registerPostProductQuote(door: PartnerDoor, deps: PartnerDeps): void {
  door.openapi(route, (c) => {
    const product = findProduct(deps.intake.registry(), c.req.valid('param').id);
    const quote = quoteView(product, product.timezone, c.req.valid('json'), deps.intake.clock.nowMs());
    return c.json(quote, 200);
  });
}
