import { createRoute, z } from '@hono/zod-openapi';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { applicationAgreementSchema, stageSchema } from '../../schemas/consent-schema.ts';
import { acceptedProduct } from '../accepted-product.ts';
import { agreementsOfApplication } from '../agreements-of.ts';
import { ownApplication } from '../own-application.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';

const answerSchema = z.object({
  data: z.array(applicationAgreementSchema).openapi({ description: 'Texts, in the order in which they are shown' }),
});

const route = createRoute({
  method: 'get',
  path: '/v1/applications/{id}/agreements',
  operationId: 'listApplicationAgreements',
  tags: ['Applications'],
  summary: 'Texts that this applicant agrees to, and which of them have been accepted (协议)',
  description:
    'Ask before each stage, with `stage`: what has no `accepted_at` is still to be accepted, and what has `each_time` is accepted anew with every loan. `parties` are the lender and the funders that may lend to this very applicant: the one that does, once it is named.',
  request: {
    params: z.object({ id: pathIdSchema('app') }),
    query: z.strictObject({ stage: stageSchema.optional().openapi({ description: 'Those of this stage' }) }),
  },
  responses: {
    200: { description: 'Agreements', content: { 'application/json': { schema: answerSchema } } },
    ...problemResponses(...signedProblems, 'not_found'),
  },
});

export function registerListApplicationAgreements(door: PartnerDoor, { intake }: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const application = await ownApplication(intake, partyOf(c).id, c.req.valid('param').id);
    const product = acceptedProduct(intake.registry(), application);
    const { stage } = c.req.valid('query');
    const all = agreementsOfApplication(product, application, intake.clock.nowMs());
    return c.json({ data: all.filter((one) => stage === undefined || one.stage === stage) }, 200);
  });
}
