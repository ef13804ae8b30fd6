import { createRoute } from '@hono/zod-openapi';
import { jsonBody } from '../../../http/json-body.ts';
import { bodyProblems, problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { precheck } from '../../../intake/precheck.ts';
import { inputProblem } from '../input-problem.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { precheckRequestSchema, precheckResponseSchema } from './precheck-schema.ts';
import { precheckResponse } from './precheck-view.ts';
import { readPrecheck } from './read-precheck.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/prechecks',
  operationId: 'precheck',
  tags: ['Prechecks'],
  summary: 'May this subject apply?',
  request: { body: jsonBody(precheckRequestSchema, 'The subject, and for which products') },
  responses: {
    200: { description: 'The answer', content: { 'application/json': { schema: precheckResponseSchema } } },
    ...problemResponses(...signedProblems, ...bodyProblems, 'unknown_product'),
  },
});

export function registerPostPrecheck(door: PartnerDoor, { intake }: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const request = c.req.valid('json');
    const partner = partyOf(c);
    const read = readPrecheck(intake.registry(), request, '');
    if (!read.ok) throw inputProblem(read.faults);
    const answer = await precheck(intake, partner, read.input);
    return c.json(precheckResponse(partner, request, answer, intake.clock.nowMs()), 200);
  });
}
