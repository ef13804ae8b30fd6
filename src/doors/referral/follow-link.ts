import { createRoute, z } from '@hono/zod-openapi';
import { canonicalLog } from '../../http/canonical-log.ts';
import { checkHead } from '../../http/capture.ts';
import { type DoorContext, RequestContext } from '../../http/request-context.ts';
import { recordClick } from '../../intake/record-click.ts';
import { isSpeculative, userAgentOf, VISITOR_COOKIE, visitorCookieOf } from './browser.ts';
import { noticePage } from './notice-page.ts';
import { codeParamSchema } from './params.ts';
import type { ReferralDeps, ReferralDoor } from './referral-deps.ts';

const ROUTE = '/r/{code}';
/** Browsers keep a cookie for 400 days at the most. */
const COOKIE_MAX_AGE_SECONDS = 34_560_000;
const SUB_ID_MAX = 128;
const SUB_IDS = Array.from({ length: 10 }, (_, index) => `sub${index + 1}`);
const NO_SUB_IDS: Readonly<Record<string, string>> = Object.freeze({});

const route = createRoute({
  method: 'get',
  operationId: 'followLink',
  path: ROUTE,
  summary: 'Follow a link',
  description:
    'Records a click and redirects to where the link leads, with `click=clk_…` and the given `sub1` … `sub10`. The same visitor within an hour gets the same click.',
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
    404: { description: 'There is no such link (a page for people)' },
  },
});

/**
 * The redirect is the hottest path there is, and needs no schema, signature or body: it is registered beside the door's
 * stages, and documented like the rest. Of the stages, only the refusal of ambiguous HTTP is left.
 */
export function registerFollowLink(door: ReferralDoor, deps: ReferralDeps): void {
  door.openAPIRegistry.registerPath(route);
  door.on(['GET'], ['/r/:code'], async (c) => {
    const context = new RequestContext<never>(ROUTE);
    checkHead(c, deps.publicNames);
    const response = await follow(c, deps);
    const milliseconds = performance.now() - context.startedAt;
    deps.metrics.observeRequest('referral', c.req.method, ROUTE, response.status, milliseconds / 1_000);
    canonicalLog(deps.logger, 'referral', c.req.method, response.status, milliseconds, context);
    return response;
  });
}

async function follow(c: DoorContext<never>, deps: ReferralDeps): Promise<Response> {
  const code = c.req.param('code') ?? '';
  const subIds = subIdsOf(c.req.url);
  const answer = await recordClick(deps.click, {
    code,
    cookie: visitorCookieOf(c),
    address: deps.perimeter.addressOf(c),
    userAgent: userAgentOf(c),
    isSpeculative: isSpeculative(c),
    subIds,
  });
  if (answer === undefined) return noticePage(c, 404, 'linkUnknown');
  const landing = answer.landing === 'hosted' ? `${deps.publicUrl}/apply/${code}` : answer.landing;
  const headers: Record<string, string> = {
    location: withParameters(landing, answer.clickId, subIds),
    'cache-control': 'no-store',
  };
  if (answer.cookie !== null) {
    const secure = deps.publicUrl.startsWith('https:') ? '; Secure' : '';
    const life = `Max-Age=${COOKIE_MAX_AGE_SECONDS}; Path=/; HttpOnly; SameSite=Lax${secure}`;
    headers['set-cookie'] = `${VISITOR_COOKIE}=${answer.cookie}; ${life}`;
  }
  return new Response(null, { status: 302, headers });
}

/** The allow-listed parameters; everything else that came along ends here. */
function subIdsOf(url: string): Readonly<Record<string, string>> {
  const start = url.indexOf('?');
  if (start < 0) return NO_SUB_IDS;
  const given = new URLSearchParams(url.slice(start + 1));
  const found: Record<string, string> = {};
  for (const name of SUB_IDS) {
    const value = given.get(name);
    if (value) found[name] = cut(value);
  }
  return found;
}

/** Never between the halves of a surrogate pair: half a character cannot be written into an address. */
function cut(value: string): string {
  if (value.length <= SUB_ID_MAX) return value;
  return value.slice(0, isHighSurrogate(value.charCodeAt(SUB_ID_MAX - 1)) ? SUB_ID_MAX - 1 : SUB_ID_MAX);
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

/** Adds to a landing's own query and leaves its fragment last. Its host stays whatever the link says. */
function withParameters(landing: string, clickId: string, subIds: Readonly<Record<string, string>>): string {
  const hash = landing.indexOf('#');
  const base = hash < 0 ? landing : landing.slice(0, hash);
  const fragment = hash < 0 ? '' : landing.slice(hash);
  let query = `click=${clickId}`;
  for (const name in subIds) query += `&${name}=${encodeURIComponent(subIds[name] ?? '')}`;
  return `${base}${base.includes('?') ? '&' : '?'}${query}${fragment}`;
}
