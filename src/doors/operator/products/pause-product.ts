import { createRoute, z } from '@hono/zod-openapi';
import { acceptLanguage } from '../../../http/accept-language.ts';
import { type Actor, requireRole } from '../../../http/bearer.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { bodyProblems, operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import type { DoorContext } from '../../../http/request-context.ts';
import type { RegisteredProduct } from '../../../registry/registry.ts';
import {
  auditedPauses,
  pausedProductView,
  pauseProduct,
  productOrProblem,
  resumeProduct,
} from '../../products/change-pauses.ts';
import { pausedProductSchema, pauseRequestSchema, resumeRequestSchema } from '../../products/pause-schema.ts';
import { nameIdSchema } from '../../schemas/scalars.ts';
import { audited } from '../audited.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';

const params = z.object({
  id: nameIdSchema.openapi({ description: 'Product', example: 'quick-cash', param: { name: 'id', in: 'path' } }),
});
const responses = {
  200: {
    description: 'The product with its pauses',
    content: { 'application/json': { schema: pausedProductSchema } },
  },
  ...problemResponses(...operatorProblems, ...bodyProblems, 'not_found'),
};

const pauseRoute = createRoute({
  method: 'post',
  path: '/admin/v1/products/{id}/pause',
  operationId: 'pauseProduct',
  tags: ['Products'],
  summary: 'Pause a product',
  description:
    'Every process of the gateway acts on it within a second. What is accepted already goes on, `drawdowns` aside: pauses ' +
    'alter nothing of what an applicant was quoted or granted. A pause takes the place of the operators’ earlier one of the ' +
    'same `stop`; the lender’s stays beside it. With `until` it ends by itself. Partners get `product.updated`. Audited as ' +
    'product.pause. Roles: admin, risk.',
  request: { params, body: jsonBody(pauseRequestSchema, 'What to stop') },
  responses,
});

const resumeRoute = createRoute({
  method: 'post',
  path: '/admin/v1/products/{id}/resume',
  operationId: 'resumeProduct',
  tags: ['Products'],
  summary: 'Take a product up again',
  description:
    'Lifts the pauses of operators and of the lender alike; what the files say stays. Pushes that were held go out within ' +
    'seconds. Audited as product.resume. Roles: admin, risk.',
  request: { params, body: jsonBody(resumeRequestSchema, 'What to take up again') },
  responses,
});

type Deps = Pick<OperatorDeps, 'products' | 'audit' | 'logger'>;

/** `POST /admin/v1/products/{id}/pause` and `/resume`. */
export function registerPauseProduct(door: OperatorDoor, deps: Deps): void {
  const { products } = deps;
  const shown = (c: DoorContext<Actor>, product: RegisteredProduct) =>
    pausedProductView(products, product, acceptLanguage(c.req.header('accept-language')), 'operator');
  const what = (action: string, { id }: RegisteredProduct, reason: string | null) => ({
    action,
    object: { kind: 'product', id },
    reason,
    before: auditedPauses(products.catalogue.recordOf(id)),
    after: auditedPauses,
  });

  door.openapi(pauseRoute, async (c) => {
    const { name } = requireRole(c, 'risk');
    const product = productOrProblem(products, c.req.valid('param').id);
    const request = c.req.valid('json');
    await audited(c, deps, what('product.pause', product, request.reason), () =>
      pauseProduct(products, { by: 'operator', name }, product, request),
    );
    return c.json(shown(c, product), 200);
  });

  door.openapi(resumeRoute, async (c) => {
    const { name } = requireRole(c, 'risk');
    const product = productOrProblem(products, c.req.valid('param').id);
    const { stop, reason = null } = c.req.valid('json');
    await audited(c, deps, what('product.resume', product, reason), () =>
      resumeProduct(products, { by: 'operator', name }, product, stop),
    );
    return c.json(shown(c, product), 200);
  });
}
