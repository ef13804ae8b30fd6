import { createRoute, z } from '@hono/zod-openapi';
import { acceptLanguage } from '../../../http/accept-language.ts';
import { ProblemError } from '../../../http/problem.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import type { PartnerDoor } from '../partner-deps.ts';
import { answerFromShelf } from './answer-from-shelf.ts';
import { productPathSchema, productSchema } from './product-schema.ts';
import type { Shelf } from './shelf.ts';
import { shelfHeaders } from './shelf-headers.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/products/{id}',
  operationId: 'getProduct',
  tags: ['Products'],
  summary: 'One product',
  description: 'As in the catalogue, with an `ETag` of its own.',
  request: { params: z.object({ id: productPathSchema }) },
  responses: {
    200: {
      description: 'The product',
      headers: shelfHeaders,
      content: { 'application/json': { schema: productSchema } },
    },
    304: { description: 'Nothing has changed since the ETag that you sent', headers: shelfHeaders },
    ...problemResponses(...signedProblems, 'not_found'),
  },
});

export function registerGetProduct(door: PartnerDoor, shelf: Shelf): void {
  door.openapi(route, (c) => {
    const language = acceptLanguage(c.req.header('accept-language'));
    const answer = shelf.product(c.req.valid('param').id, language);
    if (answer === undefined) throw new ProblemError('not_found', 'there is no such product');
    return answerFromShelf(c, answer, language);
  });
}
