import { createRoute, z } from '@hono/zod-openapi';
import { attributionView } from '../../../attribution/attribution-view.ts';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { attributionSchema } from '../../schemas/attribution-schema.ts';
import { viewAnswer } from '../../schemas/view-answer.ts';
import { ownApplication } from '../own-application.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/applications/{id}/attribution',
  operationId: 'getAttribution',
  tags: ['Applications'],
  summary: 'Who introduced it, with every candidate and why',
  request: { params: z.object({ id: pathIdSchema('app') }) },
  responses: {
    200: viewAnswer(attributionSchema, 'The verdict'),
    ...problemResponses(...signedProblems, 'not_found'),
  },
});

export function registerGetAttribution(door: PartnerDoor, { intake }: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const { id } = partyOf(c);
    const application = await ownApplication(intake, id, c.req.valid('param').id);
    return c.json(attributionView(application.attribution, id), 200);
  });
}
