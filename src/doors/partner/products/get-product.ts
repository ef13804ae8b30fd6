import { createRoute, z } from '@hono/zod-openapi';
import { acceptLanguage } from '../../../http/accept-language.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { findProduct } from './find-product.ts';
import { productPathSchema, productSchema } from './product-schema.ts';
import { productView } from './product-view.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/products/{id}',
  operationId: 'getProduct',
  tags: ['Products'],
  summary: 'One product',
  request: { params: z.object({ id: productPathSchema }) },
  responses: {
    200: { description: 'The product', content: { 'application/json': { schema: productSchema } } },
    ...problemResponses(...signedProblems, 'not_found'),
  },
});

export function registerGetProduct(door: PartnerDoor, deps: PartnerDeps): void {
  door.openapi(route, (c) => {
    const registry = deps.intake.registry();
    const product = findProduct(registry, c.req.valid('param').id);
    const language = acceptLanguage(c.req.header('accept-language'));
    const updatedAt = deps.catalogue.status().loadedAt.toISOString();
    const headers = { 'Content-Language': language, Vary: 'Accept-Language' };
    return c.json(productView(registry, product, language, updatedAt), 200, headers);
  });
}
