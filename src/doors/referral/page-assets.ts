import { createRoute, z } from '@hono/zod-openapi';
import { noticePage } from './notice-page.ts';
import { pageHandler } from './page-handler.ts';
import { type PageAsset, pageIcon, pageScript } from './page-script.ts';
import type { ReferralDeps, ReferralDoor } from './referral-deps.ts';

const ROUTE = '/apply/assets/{file}';
/** Its name says what is in it, so it never changes. */
const IMMUTABLE = 'public, max-age=31536000, immutable';

const route = createRoute({
  method: 'get',
  operationId: 'getPageAsset',
  path: ROUTE,
  summary: 'Script and icon of the hosted pages',
  description: 'Named by their content and cached for a year. Pages name the ones they need.',
  tags: ['Links'],
  security: [],
  request: {
    params: z.object({
      file: z.string().openapi({
        description: 'Name with a hash of the content',
        example: 'page-1f8ac10f23c5b5bc.js',
        param: { name: 'file', in: 'path' },
      }),
    }),
  },
  responses: { 200: { description: 'The file' }, 404: { description: 'No such file' } },
});

/** `GET /apply/assets/{file}`. */
export function registerPageAssets(door: ReferralDoor, deps: ReferralDeps): void {
  door.openAPIRegistry.registerPath(route);
  door.on(
    ['GET'],
    ['/apply/assets/:file'],
    pageHandler(deps, ROUTE, async (c) => {
      const wanted = `/apply/assets/${c.req.param('file') ?? ''}`;
      const asset = [await pageScript(), pageIcon].find(({ path }) => path === wanted);
      return asset === undefined ? noticePage(c, 404, 'linkUnknown') : serve(asset);
    }),
  );
}

function serve({ text, contentType }: PageAsset): Response {
  return new Response(text, {
    headers: {
      'content-type': contentType,
      'cache-control': IMMUTABLE,
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    },
  });
}
