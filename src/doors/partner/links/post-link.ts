import { createRoute } from '@hono/zod-openapi';
import { isoOf } from '../../../base/clock.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { ProblemError } from '../../../http/problem.ts';
import { bodyProblems, problemResponses, replayHeaders, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { pageGaps } from '../../../intake/page-gaps.ts';
import { inputProblem } from '../input-problem.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { linkRequestSchema, linkSchema } from './link-schema.ts';
import { storedLinkView } from './link-view.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/links',
  operationId: 'createLink',
  tags: ['Links'],
  summary: 'Make a link; the same wish again gives the same link',
  request: { body: jsonBody(linkRequestSchema, 'The link') },
  responses: {
    201: { description: 'The link', headers: replayHeaders, content: { 'application/json': { schema: linkSchema } } },
    ...problemResponses(...signedProblems, ...bodyProblems, 'unknown_product', 'link_code_taken'),
  },
});

export function registerPostLink(door: PartnerDoor, deps: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const { code, product_id, landing, fallback_url = null, caps = {} } = c.req.valid('json');
    const registry = deps.intake.registry();
    const product = registry.products.get(product_id);
    if (product === undefined) {
      const message = `there is no product ${product_id}`;
      throw inputProblem([{ pointer: '/product_id', code: 'unknown_product', message }]);
    }
    const gaps = landing === 'hosted' ? pageGaps(product.requirements, deps.intake.verifier !== undefined) : [];
    if (gaps.length > 0) {
      const message = `the hosted page cannot take what ${product_id} requires (${gaps.join(', ')}): give an https address of the lender`;
      throw inputProblem([{ pointer: '/landing', code: 'page_cannot_take', message }]);
    }
    const partnerId = partyOf(c).id;
    const wish = {
      partner_id: partnerId,
      product_id,
      landing,
      fallback_url,
      caps,
      same_visitor_hours: 1,
      pass: [],
      params: {},
      host: null,
      code,
    };
    const isAgreed = code !== undefined && registry.links.has(code);
    const made = isAgreed ? undefined : await deps.links.create(wish, isoOf(deps.intake.clock.nowMs()));
    if (made === undefined || made.kind === 'taken') throw new ProblemError('link_code_taken');
    const headers: Record<string, string> = made.kind === 'exists' ? { 'Idempotent-Replayed': 'true' } : {};
    return c.json(storedLinkView(made.link, deps.publicUrl), 201, headers);
  });
}
