import { createRoute, z } from '@hono/zod-openapi';
import type { DoorContext } from '../../http/request-context.ts';
import { openResult } from './form-token.ts';
import { languageOf, noticePage } from './notice-page.ts';
import { pageHandler } from './page-handler.ts';
import { codeParamSchema } from './params.ts';
import type { ReferralDeps, ReferralDoor } from './referral-deps.ts';
import { resultPage } from './result-view.ts';

const ROUTE = '/apply/{code}/result';

const route = createRoute({
  method: 'get',
  operationId: 'showApplyResult',
  path: ROUTE,
  summary: 'Where an application stands',
  description:
    'A page for the applicant, who was sent here with a sealed token; refreshes itself until there is a decision.',
  tags: ['Links'],
  security: [],
  request: {
    params: z.object({ code: codeParamSchema }),
    query: z.object({
      t: z.string().openapi({ description: 'Sealed name of the application', example: 's1.kYt3…' }),
      lang: z.enum(['zh', 'en']).optional().openapi({ description: 'Language', example: 'zh' }),
    }),
  },
  responses: { 200: { description: 'The page' }, 404: { description: 'No such application' } },
});

/** `GET /apply/{code}/result`. */
export function registerApplyResult(door: ReferralDoor, deps: ReferralDeps): void {
  door.openAPIRegistry.registerPath(route);
  door.on(
    ['GET'],
    ['/apply/:code/result'],
    pageHandler(deps, ROUTE, (c) => showResult(c, deps)),
  );
}

async function showResult(c: DoorContext<never>, deps: ReferralDeps): Promise<Response> {
  const token = c.req.query('t') ?? '';
  const id = openResult(deps.sealer, token);
  const loaded = id === undefined ? undefined : await deps.page.store.load(id);
  const product = loaded && deps.page.registry().products.get(loaded.application.product_id);
  if (loaded === undefined || product === undefined) return noticePage(c, 404, 'linkUnknown');
  const language = languageOf(c);
  const other = language === 'zh' ? 'en' : 'zh';
  const code = encodeURIComponent(c.req.param('code') ?? '');
  return resultPage({
    application: loaded.application,
    product,
    language,
    otherLanguage: `/apply/${code}/result?t=${token}&lang=${other}`,
    lender: deps.page.registry().lenders.get(product.lender_id)?.name ?? product.lender_id,
  });
}
