import { createRoute, z } from '@hono/zod-openapi';
import { acceptLanguage } from '../../http/accept-language.ts';
import { pathIdSchema } from '../../http/common-schemas.ts';
import { ProblemError } from '../../http/problem.ts';
import { operatorProblems, problemResponses } from '../../http/problem-responses.ts';
import { viewAnswer } from '../schemas/view-answer.ts';
import { operatorApplication, operatorApplicationSchema } from './operator-application.ts';
import type { OperatorDeps, OperatorDoor } from './operator-deps.ts';

const route = createRoute({
  method: 'get',
  path: '/admin/v1/applications/{id}',
  operationId: 'readApplication',
  tags: ['Applications'],
  summary: 'Read an application',
  description: 'Everything about it, with the reason that we keep, and nothing about the person. Any role.',
  request: { params: z.object({ id: pathIdSchema('app') }) },
  responses: {
    200: viewAnswer(operatorApplicationSchema, 'The application'),
    ...problemResponses(...operatorProblems, 'not_found'),
  },
});

/** `GET /admin/v1/applications/{id}`. */
export function registerReadApplication(door: OperatorDoor, { store }: Pick<OperatorDeps, 'store'>): void {
  door.openapi(route, async (c) => {
    const found = await store.load(c.req.valid('param').id);
    if (found === undefined) throw new ProblemError('not_found', 'there is no such application');
    return c.json(operatorApplication(found, acceptLanguage(c.req.header('accept-language'))), 200);
  });
}
