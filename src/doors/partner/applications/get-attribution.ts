import { createRoute, z } from '@hono/zod-openapi';
import { attributionView } from '../../../attribution/attribution-view.ts';
import { acceptLanguage } from '../../../http/accept-language.ts';
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
  description:
    'The verdict as it was decided once and for all, in codes and in words. Of other partners you learn that they were there, and when. While the application is refused, only what is yours is listed.',
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
    const view = attributionView(application.attribution, {
      viewerId: id,
      language: acceptLanguage(c.req.header('accept-language')),
      pins: application.pins,
      isRefused: application.status === 'refused',
    });
    return c.json(view, 200);
  });
}
