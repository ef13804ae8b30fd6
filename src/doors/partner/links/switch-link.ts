import { createRoute, z } from '@hono/zod-openapi';
import { isoOf } from '../../../base/clock.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { bodyProblems, problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { linkCodePathSchema, linkReasonSchema, linkSchema } from './link-schema.ts';
import { linkView } from './link-view.ts';
import { ownLink } from './own-link.ts';

const answer = {
  200: { description: 'The link as it is now', content: { 'application/json': { schema: linkSchema } } },
  ...problemResponses(...signedProblems, ...bodyProblems, 'not_found'),
};
const params = z.object({ code: linkCodePathSchema });

const pauseRoute = createRoute({
  method: 'post',
  path: '/v1/links/{code}/pause',
  operationId: 'pauseLink',
  tags: ['Links'],
  summary: 'Switch a link off',
  description:
    'Within a second, clicks go to `fallback_url`, else to a page that says so; they are counted under `diverted.link_paused` ' +
    'and are not billable. People who are on the page already may finish. Where the link leads stays as it was shared. The ' +
    'same again changes nothing; another reason replaces the first.',
  request: {
    params,
    body: jsonBody(z.strictObject({ reason: linkReasonSchema }).openapi('LinkPause', { description: 'Why' }), 'Why'),
  },
  responses: answer,
});

const resumeRoute = createRoute({
  method: 'post',
  path: '/v1/links/{code}/resume',
  operationId: 'resumeLink',
  tags: ['Links'],
  summary: 'Switch a link on again',
  description: 'Clicks go where it leads again. A link that is on stays on.',
  request: { params },
  responses: answer,
});

/** `POST /v1/links/{code}/pause` and `/resume`: agreed links too, for it is the partner who shares them. */
export function registerSwitchLink(door: PartnerDoor, deps: PartnerDeps): void {
  door.openapi(pauseRoute, async (c) => {
    const link = await ownLink(deps, partyOf(c).id, c.req.valid('param').code);
    const { reason } = c.req.valid('json');
    const paused = await deps.links.pauses.set(link.code, { reason, at: isoOf(deps.intake.clock.nowMs()) });
    addLogFields(c, { link: link.code, link_status: 'paused' });
    return c.json(linkView({ ...link, paused }, deps), 200);
  });
  door.openapi(resumeRoute, async (c) => {
    const link = await ownLink(deps, partyOf(c).id, c.req.valid('param').code);
    await deps.links.pauses.lift(link.code);
    addLogFields(c, { link: link.code, link_status: 'active' });
    return c.json(linkView({ ...link, paused: undefined }, deps), 200);
  });
}
