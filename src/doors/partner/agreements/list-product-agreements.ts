import { createRoute, z } from '@hono/zod-openapi';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { agreementSchema, stageSchema } from '../../schemas/consent-schema.ts';
import { agreementsOf } from '../agreements-of.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { findProduct } from '../products/find-product.ts';
import { productPathSchema } from '../products/product-schema.ts';

const answerSchema = z.object({
  data: z.array(agreementSchema).openapi({ description: 'Texts, in the order in which they are shown' }),
});

const route = createRoute({
  method: 'get',
  path: '/v1/products/{id}/agreements',
  operationId: 'listProductAgreements',
  tags: ['Products'],
  summary: 'Texts that an applicant for this product agrees to (协议)',
  description:
    'Show them as they are, with everybody in `parties` by name, and send each back as a consent: the same kind, document, version and `text_sha256`, and all of `parties`.',
  request: {
    params: z.object({ id: productPathSchema }),
    query: z.strictObject({ stage: stageSchema.optional().openapi({ description: 'Those of this stage' }) }),
  },
  responses: {
    200: { description: 'Agreements', content: { 'application/json': { schema: answerSchema } } },
    ...problemResponses(...signedProblems, 'not_found'),
  },
});

export function registerListProductAgreements(door: PartnerDoor, { intake }: PartnerDeps): void {
  door.openapi(route, (c) => {
    const product = findProduct(intake.registry(), c.req.valid('param').id);
    const { stage } = c.req.valid('query');
    const data = agreementsOf(product).filter((one) => stage === undefined || one.stage === stage);
    return c.json({ data }, 200);
  });
}
