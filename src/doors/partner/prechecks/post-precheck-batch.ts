import { createRoute, z } from '@hono/zod-openapi';
import { mapBounded } from '../../../base/map-bounded.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { bodyProblems, problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import { precheck } from '../../../intake/precheck.ts';
import { inputProblem } from '../input-problem.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { precheckRequestSchema, precheckResponseSchema } from './precheck-schema.ts';
import { precheckResponse } from './precheck-view.ts';
import { readPrecheck } from './read-precheck.ts';

const ITEMS_MAX = 500;
/** Enough to fill the pipeline to Redis; a batch must not starve single questions. */
const CONCURRENCY = 16;

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
  request: { body: jsonBody(batchSchema, 'The questions') },
  responses: {
    200: { description: 'The answers', content: { 'application/json': { schema: z.object({ results }) } } },
    ...problemResponses(...signedProblems, ...bodyProblems, 'unknown_product'),
  },
});

export function registerPostPrecheckBatch(door: PartnerDoor, { intake }: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const partner = partyOf(c);
    const registry = intake.registry();
    const read = c.req.valid('json').items.map((request, index) => {
      return { request, read: readPrecheck(registry, request, `/items/${index}`) };
    });
    const faults = read.flatMap((item) => (item.read.ok ? [] : item.read.faults));
    if (faults.length > 0) throw inputProblem(faults);
    addLogFields(c, { items: read.length });
    const asked = read.flatMap(({ request, read }) => (read.ok ? [{ request, input: read.input }] : []));
    const results = await mapBounded(asked, CONCURRENCY, async ({ request, input }) =>
      precheckResponse(partner, request, await precheck(intake, partner, input), intake.clock.nowMs()),
    );
    return c.json({ results }, 200);
  });
}
