import { createRoute, z } from '@hono/zod-openapi';
import { jsonBody } from '../../../http/json-body.ts';
import { bodyProblems, problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import { inputProblem } from '../input-problem.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { answersWithinBudget } from './answers-within-budget.ts';
import { precheckRequestSchema, precheckResponseSchema } from './precheck-schema.ts';
import { precheckResponse } from './precheck-view.ts';
import { readPrecheck } from './read-precheck.ts';

const ITEMS_MAX = 500;

const items = z.array(precheckRequestSchema).min(1).max(ITEMS_MAX);
const results = z.array(precheckResponseSchema).openapi({ description: 'Answers in the order of the items' });
const batchSchema = z
  .strictObject({ items: items.openapi({ description: `At most ${ITEMS_MAX} questions` }) })
  .openapi('PrecheckBatch', { description: 'Questions, each counted as one probe' });

const route = createRoute({
  method: 'post',
  path: '/v1/prechecks/batch',
  operationId: 'precheckBatch',
  tags: ['Prechecks'],
  summary: 'Many questions at once; one that is malformed fails all',
  description:
    'Counts as so many of your `probes_per_day` as it has items: all, or, when they are more than what is left of the day, none and the answer is `429`. Reservations are as in a single precheck.',
  request: { body: jsonBody(batchSchema, 'The questions') },
  responses: {
    200: { description: 'The answers', content: { 'application/json': { schema: z.object({ results }) } } },
    ...problemResponses(...signedProblems, ...bodyProblems, 'unknown_product', 'form_not_indexed'),
  },
});

export function registerPostPrecheckBatch(door: PartnerDoor, { intake }: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const partner = partyOf(c);
    const read = c.req.valid('json').items.map((request, index) => {
      return { request, read: readPrecheck(intake, request, `/items/${index}`) };
    });
    const faults = read.flatMap((item) => (item.read.ok ? [] : item.read.faults));
    if (faults.length > 0) throw inputProblem(faults);
    addLogFields(c, { items: read.length });
    const asked = read.flatMap(({ request, read }) => (read.ok ? [{ request, input: read.input }] : []));
    const answers = await answersWithinBudget(
      c,
      intake,
      asked.map(({ input }) => input),
    );
    const nowMs = intake.clock.nowMs();
    const results = answers.map((answer, index) => {
      const question = asked[index];
      if (question === undefined) throw new Error('an answer has no question');
      return precheckResponse(partner, question.request, answer, nowMs);
    });
    return c.json({ results }, 200);
  });
}
