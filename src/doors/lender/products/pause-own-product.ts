import { createRoute, z } from '@hono/zod-openapi';
import { acceptLanguage } from '../../../http/accept-language.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { bodyProblems, problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { type DoorContext, partyOf } from '../../../http/request-context.ts';
import type { RegisteredProduct } from '../../../registry/registry.ts';
import type { Lender } from '../../../registry/schema/lender.ts';
import { auditedRequest } from '../../audited-request.ts';
import {
  auditedPauses,
  pausedProductView,
  pauseProduct,
  productOrProblem,
  resumeProduct,
} from '../../products/change-pauses.ts';
import { pausedProductSchema, pauseRequestSchema, resumeRequestSchema } from '../../products/pause-schema.ts';
import { nameIdSchema } from '../../schemas/scalars.ts';
import type { LenderDeps, LenderDoor } from '../lender-deps.ts';

const params = z.object({
  id: nameIdSchema.openapi({ description: 'Your product', example: 'quick-cash', param: { name: 'id', in: 'path' } }),
});
const productAnswer = {
  description: 'The product with its pauses',
  content: { 'application/json': { schema: pausedProductSchema } },
};
const responses = { 200: productAnswer, ...problemResponses(...signedProblems, ...bodyProblems, 'not_found') };

const pauseRoute = createRoute({
  method: 'post',
  path: '/lender/v1/products/{id}/pause',
  operationId: 'pauseOwnProduct',
  tags: ['Products'],
  summary: 'Pause one of your products',
  description:
    'The whole gateway acts on it within a second. `submissions` is for maintenance: what would be sent to you waits and ' +
    'follows by itself. A pause takes the place of your earlier one of the same `stop`; with `until` it ends by itself. ' +
    'Audited as product.pause.',
  request: { params, body: jsonBody(pauseRequestSchema, 'What to stop') },
  responses,
});

const resumeRoute = createRoute({
  method: 'post',
  path: '/lender/v1/products/{id}/resume',
  operationId: 'resumeOwnProduct',
  tags: ['Products'],
  summary: 'Take one of your products up again',
  description:
    'Lifts your own pauses. What an operator has paused stays so: look at `pauses` in the answer. Audited as product.resume.',
  request: { params, body: jsonBody(resumeRequestSchema, 'What to take up again') },
  responses,
});

const listRoute = createRoute({
  method: 'get',
  path: '/lender/v1/products',
  operationId: 'listOwnProducts',
  tags: ['Products'],
  summary: 'Your products with what is paused of them',
  responses: {
    200: {
      description: 'All of them, by id',
      content: {
        'application/json': {
          schema: z.object({ data: z.array(pausedProductSchema).openapi({ description: 'Your products' }) }),
        },
      },
    },
    ...problemResponses(...signedProblems),
  },
});

const getRoute = createRoute({
  method: 'get',
  path: '/lender/v1/products/{id}',
  operationId: 'getOwnProduct',
  tags: ['Products'],
  summary: 'One of your products with what is paused of it',
  request: { params },
  responses: { 200: productAnswer, ...problemResponses(...signedProblems, 'not_found') },
});

/** `GET /lender/v1/products[/{id}]`, `POST /lender/v1/products/{id}/pause` and `/resume`: a lender's own products alone. */
export function registerPauseOwnProduct(
  door: LenderDoor,
  deps: Pick<LenderDeps, 'products' | 'audit' | 'logger'>,
): void {
  const { products } = deps;
  const own = (c: DoorContext<Lender>, id: string): RegisteredProduct =>
    productOrProblem(products, id, (product) => product.lender_id === partyOf(c).id);
  const shown = (c: DoorContext<Lender>, product: RegisteredProduct) =>
    pausedProductView(products, product, acceptLanguage(c.req.header('accept-language')), 'lender');
  const what = (c: DoorContext<Lender>, action: string, { id }: RegisteredProduct, reason: string | null) => ({
    actor: { name: partyOf(c).id, role: 'lender' as const },
    action,
    object: { kind: 'product', id },
    reason,
    before: auditedPauses(products.catalogue.recordOf(id)),
    after: auditedPauses,
  });

  door.openapi(listRoute, (c) => {
    const { id: lenderId } = partyOf(c);
    const mine = [...products.registry().products.values()].filter((product) => product.lender_id === lenderId);
    mine.sort((one, other) => (one.id < other.id ? -1 : 1));
    return c.json({ data: mine.map((product) => shown(c, product)) }, 200);
  });
  door.openapi(getRoute, (c) => c.json(shown(c, own(c, c.req.valid('param').id)), 200));
  door.openapi(pauseRoute, async (c) => {
    const product = own(c, c.req.valid('param').id);
    const request = c.req.valid('json');
    const pauser = { by: 'lender' as const, name: partyOf(c).id };
    await auditedRequest(c, deps, what(c, 'product.pause', product, request.reason), () =>
      pauseProduct(products, pauser, product, request),
    );
    return c.json(shown(c, product), 200);
  });
  door.openapi(resumeRoute, async (c) => {
    const product = own(c, c.req.valid('param').id);
    const { stop, reason = null } = c.req.valid('json');
    const pauser = { by: 'lender' as const, name: partyOf(c).id };
    await auditedRequest(c, deps, what(c, 'product.resume', product, reason), () =>
      resumeProduct(products, pauser, product, stop),
    );
    return c.json(shown(c, product), 200);
  });
}
