import { createRoute } from '@hono/zod-openapi';
import { acceptLanguage } from '../../../http/accept-language.ts';
import { pageOf } from '../../../http/pagination.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import type { PartnerDoor } from '../partner-deps.ts';
import { answerFromShelf } from './answer-from-shelf.ts';
import { productSchema } from './product-schema.ts';
import { productQuerySchema } from './select-products.ts';
import type { Shelf } from './shelf.ts';
import { shelfHeaders } from './shelf-headers.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/products',
  operationId: 'listProducts',
  tags: ['Products'],
  summary: 'The catalogue; poll it with If-None-Match',
  description:
    'Every product with its status of now. The `ETag` changes whenever anything that the page shows does: files, pauses, a ' +
    'pause that ends by itself; until then `If-None-Match` is answered 304, which is cheap. `updated_at` of a product is ' +
    'when it changed itself. Names are in the language of `Accept-Language` (zh or en). Each change is also an event, ' +
    '`product.updated`.',
  request: { query: productQuerySchema },
  responses: {
    200: {
      description: 'Products',
      headers: shelfHeaders,
      content: { 'application/json': { schema: pageOf(productSchema) } },
    },
    304: { description: 'Nothing has changed since the ETag that you sent', headers: shelfHeaders },
    ...problemResponses(...signedProblems),
  },
});

export function registerListProducts(door: PartnerDoor, shelf: Shelf): void {
  door.openapi(route, (c) => {
    const language = acceptLanguage(c.req.header('accept-language'));
    return answerFromShelf(c, shelf.page(c.req.valid('query'), language), language);
  });
}
