import { createRoute, z } from '@hono/zod-openapi';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { viewAnswer } from '../../schemas/view-answer.ts';
import { ownApplication } from '../own-application.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { cardSchema } from './card-schema.ts';
import { cardViews } from './card-view.ts';

const answerSchema = z
  .object({ data: z.array(cardSchema).openapi({ description: 'Cards in the order in which they came' }) })
  .openapi('Cards', { description: 'The cards of an application' });

const route = createRoute({
  method: 'get',
  path: '/v1/applications/{id}/cards',
  operationId: 'listCards',
  tags: ['Cards'],
  summary: 'Cards of an applicant that were not removed',
  request: { params: z.object({ id: pathIdSchema('app') }) },
  responses: { 200: viewAnswer(answerSchema, 'The cards'), ...problemResponses(...signedProblems, 'not_found') },
});

export function registerListCards(door: PartnerDoor, { intake }: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const application = await ownApplication(intake, partyOf(c).id, c.req.valid('param').id);
    return c.json({ data: cardViews(application) }, 200);
  });
}
