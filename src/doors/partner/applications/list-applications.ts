import { createRoute } from '@hono/zod-openapi';
import { applicationView } from '../../../applications/lifecycle/view.ts';
import { pageOf } from '../../../http/pagination.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { applicationSchema } from '../../schemas/application-schema.ts';
import { viewAnswer } from '../../schemas/view-answer.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { applicationsQuerySchema } from './applications-query.ts';
import { findApplications } from './find-applications.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/applications',
  operationId: 'listApplications',
  tags: ['Applications'],
  summary: 'Your applications, those changed longest ago first',
  description: 'With a filter a page may be short, or empty, and still have a next one.',
  request: { query: applicationsQuerySchema },
  responses: {
    200: viewAnswer(pageOf(applicationSchema), 'Applications'),
    ...problemResponses(...signedProblems),
  },
});

export function registerListApplications(door: PartnerDoor, deps: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const partner = partyOf(c);
    const { applications, nextCursor } = await findApplications(deps, partner.id, c.req.valid('query'));
    const data = applications.map((application) => applicationView(application, partner));
    return c.json({ data, next_cursor: nextCursor }, 200);
  });
}
