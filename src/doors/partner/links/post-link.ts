import { createRoute } from '@hono/zod-openapi';
import { jsonBody } from '../../../http/json-body.ts';
import { ProblemError } from '../../../http/problem.ts';
import { bodyProblems, problemResponses, replayHeaders, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { makeLink } from '../../../intake/make-link.ts';
import { madeLink } from '../../../intake/partner-links.ts';
import { inputProblem } from '../input-problem.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { linkRequestSchema, linkSchema } from './link-schema.ts';
import { linkView } from './link-view.ts';
import { makeLinkDeps, wishOf } from './wish-of.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/links',
  operationId: 'createLink',
  tags: ['Links'],
  summary: 'Make a link; the same wish again gives the same link',
  description:
    'Where a link leads is never changed once it is made: it has been shared. Make another one, or switch it off. Without a ' +
    '`code` one is made from the wish, so that the same wish finds it again; a `label` is part of the wish.',
  request: { body: jsonBody(linkRequestSchema, 'The link') },
  responses: {
    201: { description: 'The link', headers: replayHeaders, content: { 'application/json': { schema: linkSchema } } },
    ...problemResponses(...signedProblems, ...bodyProblems, 'unknown_product', 'link_code_taken', 'too_many_links'),
  },
});

export function registerPostLink(door: PartnerDoor, deps: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const made = await makeLink(makeLinkDeps(deps), wishOf(partyOf(c).id, c.req.valid('json')));
    if (made.kind === 'invalid') throw inputProblem(made.faults);
    if (made.kind === 'taken') throw new ProblemError('link_code_taken');
    if (made.kind === 'too_many') throw new ProblemError('too_many_links');
    const headers: Record<string, string> = made.kind === 'exists' ? { 'Idempotent-Replayed': 'true' } : {};
    const paused = deps.links.pauses.of(made.link.code);
    return c.json(linkView({ ...madeLink(made.link), paused }, deps), 201, headers);
  });
}
