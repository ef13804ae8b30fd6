import { createHash } from 'node:crypto';
import { createRoute } from '@hono/zod-openapi';
import { acceptLanguage } from '../../../http/accept-language.ts';
import { pageOf } from '../../../http/pagination.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { offsetPage } from '../offset-page.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { productSchema } from './product-schema.ts';
import { productView } from './product-view.ts';
import { productQuerySchema, selectProducts } from './select-products.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/products',
  operationId: 'listProducts',
  tags: ['Products'],
  summary: 'The catalogue; poll it with If-None-Match',
  request: { query: productQuerySchema },
  responses: {
    200: { description: 'Products', content: { 'application/json': { schema: pageOf(productSchema) } } },
    304: { description: 'Nothing has changed since the ETag that you sent' },
    ...problemResponses(...signedProblems),
  },
});

export function registerListProducts(door: PartnerDoor, deps: PartnerDeps): void {
  door.openapi(route, (c) => {
    const query = c.req.valid('query');
    const language = acceptLanguage(c.req.header('accept-language'));
    const registry = deps.intake.registry();
    // Everything that is shown follows from the files, the language and the query.
    const digest = createHash('sha256').update(JSON.stringify([registry.revision, language, query]));
    const etag = `W/"${digest.digest('base64url').slice(0, 22)}"`;
    const headers = { ETag: etag, 'Cache-Control': 'private, no-cache', Vary: 'Accept-Language' };
    if (
      c.req
        .header('if-none-match')
        ?.split(/\s*,\s*/)
        .includes(etag)
    )
      return c.body(null, 304, headers);
    const page = offsetPage(selectProducts(registry.products.values(), query), query);
    const updatedAt = deps.catalogue.status().loadedAt.toISOString();
    const data = page.data.map((product) => productView(registry, product, language, updatedAt));
    return c.json({ ...page, data }, 200, { ...headers, 'Content-Language': language });
  });
}
