import { createRoute, z } from '@hono/zod-openapi';
import { acceptLanguage } from '../../../http/accept-language.ts';
import { pageOf, pageQuery } from '../../../http/pagination.ts';
import { operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { pausedProductView, productOrProblem } from '../../products/change-pauses.ts';
import { pausedProductSchema } from '../../products/pause-schema.ts';
import { nameIdSchema } from '../../schemas/scalars.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';
import { pageOfList } from '../page-of-list.ts';

const listRoute = createRoute({
  method: 'get',
  path: '/admin/v1/products',
  operationId: 'listPausedProducts',
  tags: ['Products'],
  summary: 'All products with what is paused of them',
  description: 'By id. Any role.',
  request: {
    query: z.strictObject({
      ...pageQuery,
      lender: nameIdSchema.optional().openapi({ description: 'Only of this lender', example: 'quickcredit' }),
      status: z.enum(['open', 'paused', 'closed']).optional().openapi({ description: 'Only in this status now' }),
    }),
  },
  responses: {
    200: { description: 'A page', content: { 'application/json': { schema: pageOf(pausedProductSchema) } } },
    ...problemResponses(...operatorProblems),
  },
});

const getRoute = createRoute({
  method: 'get',
  path: '/admin/v1/products/{id}',
  operationId: 'getPausedProduct',
  tags: ['Products'],
  summary: 'One product with what is paused of it',
  description: 'Any role.',
  request: {
    params: z.object({
      id: nameIdSchema.openapi({ description: 'Product', example: 'quick-cash', param: { name: 'id', in: 'path' } }),
    }),
  },
  responses: {
    200: { description: 'The product', content: { 'application/json': { schema: pausedProductSchema } } },
    ...problemResponses(...operatorProblems, 'not_found'),
  },
});

/** `GET /admin/v1/products` and `GET /admin/v1/products/{id}`. */
export function registerListPausedProducts(door: OperatorDoor, { products }: Pick<OperatorDeps, 'products'>): void {
  door.openapi(listRoute, (c) => {
    const { lender, status, ...page } = c.req.valid('query');
    const language = acceptLanguage(c.req.header('accept-language'));
    const views = [...products.registry().products.values()]
      .filter((product) => lender === undefined || product.lender_id === lender)
      .map((product) => pausedProductView(products, product, language, 'operator'))
      .filter((view) => status === undefined || view.status === status);
    return c.json(
      pageOfList(views, ({ id }) => id, page),
      200,
    );
  });
  door.openapi(getRoute, (c) => {
    const product = productOrProblem(products, c.req.valid('param').id);
    const language = acceptLanguage(c.req.header('accept-language'));
    return c.json(pausedProductView(products, product, language, 'operator'), 200);
  });
}
