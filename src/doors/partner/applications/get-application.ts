import { createRoute, z } from '@hono/zod-openapi';
import { applicationView } from '../../../applications/lifecycle/view.ts';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { applicationSchema } from '../../schemas/application-schema.ts';
import { viewAnswer } from '../../schemas/view-answer.ts';
import { ownApplication } from '../own-application.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/applications/{id}',
  operationId: 'getApplication',
  tags: ['Applications'],
  summary: 'One application; another partner’s is not found',
  request: { params: z.object({ id: pathIdSchema('app') }) },
  responses: {
    200: viewAnswer(applicationSchema, 'The application'),
    ...problemResponses(...signedProblems, 'not_found'),
  },
});

export function registerGetApplication(door: PartnerDoor, { intake }: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const partner = partyOf(c);
    const application = await ownApplication(intake, partner.id, c.req.valid('param').id);
    return c.json(applicationView(application, partner), 200);
  });
}
