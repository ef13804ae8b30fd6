import { createRoute } from '@hono/zod-openapi';
import { jsonBody } from '../../../http/json-body.ts';
import { bodyProblems, problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { inputProblem } from '../input-problem.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { answersWithinBudget } from './answers-within-budget.ts';
import { precheckRequestSchema, precheckResponseSchema } from './precheck-schema.ts';
import { precheckResponse } from './precheck-view.ts';
import { readPrecheck } from './read-precheck.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/prechecks',
  operationId: 'precheck',
  tags: ['Prechecks'],
  summary: 'May this subject apply?',
  description:
    'Counts as one of your `probes_per_day`, however many products it asks about; over the budget it is `429` and counts nothing. With `reserve: true`, at most `open_reservations` are held for you at one time: over it you are answered all the same, with `reserved_until: null` and `Sluice-Warnings: reservations_exhausted`. A reservation ends after 10 minutes, or when an application that cites it as `precheck_id` is decided. Some lenders are asked live: one that does not answer in time refuses with `closed`/`paused` and a `retry_at` within a minute, or accepts with `provisional: true`, as agreed with it.',
  request: { body: jsonBody(precheckRequestSchema, 'The subject, and for which products') },
  responses: {
    200: { description: 'The answer', content: { 'application/json': { schema: precheckResponseSchema } } },
    ...problemResponses(...signedProblems, ...bodyProblems, 'unknown_product', 'form_not_indexed'),
  },
});

export function registerPostPrecheck(door: PartnerDoor, { intake }: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const request = c.req.valid('json');
    const partner = partyOf(c);
    const read = readPrecheck(intake, request, '');
    if (!read.ok) throw inputProblem(read.faults);
    const [answer] = await answersWithinBudget(c, intake, [read.input]);
    if (answer === undefined) throw new Error('a question has no answer');
    return c.json(precheckResponse(partner, request, answer, intake.clock.nowMs()), 200);
  });
}
