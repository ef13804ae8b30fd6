import { createRoute, z } from '@hono/zod-openapi';
import { canonicalLog } from '../../http/canonical-log.ts';
import { checkHead } from '../../http/capture.ts';
import { type DoorContext, RequestContext } from '../../http/request-context.ts';
import { openLink } from '../../intake/record-click.ts';
import { SUB_ID_MAX } from '../schemas/sub-ids-schema.ts';
import { headerOf, isSpeculative, userAgentOf, visitorCookieOf } from './browser.ts';
import { languageOf, noticePage } from './notice-page.ts';
import { faultPage } from './page-handler.ts';
import { codeParamSchema } from './params.ts';
import { redirect } from './redirect.ts';
import type { ReferralDeps, ReferralDoor } from './referral-deps.ts';

const ROUTE = '/r/{code}';
const REDIRECT = 302;

const route = createRoute({
  method: 'get',
  operationId: 'followLink',
  path: ROUTE,
  summary: 'Follow a link',
  description:
    'Records a click and redirects to where the link leads, with `click=clk_…`, the given `sub1` … `sub10` and what the link passes on. The same visitor gets the same click within the link’s window.',
  tags: ['Links'],
  security: [],
  request: {
    params: z.object({ code: codeParamSchema }),
    query: z.object({
      sub1: z
        .string()
        .max(SUB_ID_MAX)
        .optional()
        .openapi({ description: 'Label of the partner’s own; also sub2 … sub10', example: 'newsletter-7' }),
    }),
  },
  responses: {
    302: { description: 'To the landing; `Cache-Control: no-store`' },
    403: {
      description: 'The link has to be signed, and this address is not as its partner made it (a page for people)',
    },
    404: { description: 'There is no such link (a page for people)' },
  },
});

/**
 * The redirect for whatever `redirectDirectly` leaves to the door: unknown codes, links that are not in memory, requests
 * that are not plainly ordinary. It needs no schema, signature or body: it is registered beside the door's stages, and
 * documented like the rest. Of the stages, only the refusal of ambiguous HTTP is left.
 */
export function registerFollowLink(door: ReferralDoor, deps: ReferralDeps): void {
  door.openAPIRegistry.registerPath(route);
  door.on(['GET'], ['/r/:code'], async (c) => {
    const context = new RequestContext<never>(ROUTE);
    const response = await judgeAndFollow(c, deps).catch((error: unknown) => faultPage(c, deps, context, error));
    if (response.status !== REDIRECT) response.headers.set('sluice-request-id', context.id);
    const milliseconds = performance.now() - context.startedAt;
    deps.metrics.observeRequest('referral', c.req.method, ROUTE, response.status, milliseconds / 1_000);
    // Of each redirect the click log has an entry.
    if (response.status !== REDIRECT || deps.logger.isLevelEnabled('debug')) {
      canonicalLog(deps.logger, 'referral', c.req.method, response.status, milliseconds, context);
    }
    return response;
  });
}

async function judgeAndFollow(c: DoorContext<never>, deps: ReferralDeps): Promise<Response> {
  checkHead(c, deps.publicNames);
  return follow(c, deps);
}

async function follow(c: DoorContext<never>, deps: ReferralDeps): Promise<Response> {
  const target = await openLink(deps.click, c.req.param('code') ?? '');
  if (target === undefined) return noticePage(c, 404, 'linkUnknown');
  const { url } = c.req;
  const question = url.indexOf('?');
  const found = await redirect(deps, target, {
    cookie: visitorCookieOf(c),
    address: deps.perimeter.addressOf(c),
    userAgent: userAgentOf(c),
    isSpeculative: isSpeculative(c),
    rawQuery: question < 0 ? '' : url.slice(question + 1),
    host: headerOf(c, 'host') ?? '',
    language: languageOf(c),
  });
  if (found === undefined) return noticePage(c, 403, 'entryRefused');
  const { location, setCookie } = found;
  const headers: Record<string, string> = { location, 'cache-control': 'no-store' };
  if (setCookie !== null) headers['set-cookie'] = setCookie;
  return new Response(null, { status: REDIRECT, headers });
}
