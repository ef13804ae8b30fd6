import type { IncomingMessage, ServerResponse } from 'node:http';
import { acceptLanguage } from '../../http/accept-language.ts';
import { canonicalLog } from '../../http/canonical-log.ts';
import { type PlainHead, readPlainHead } from '../../http/plain-head.ts';
import { RequestContext } from '../../http/request-context.ts';
import type { Direct, TakeOver } from '../../http/server.ts';
import type { LinkTarget } from '../../intake/find-link.ts';
import { openLinkInMemory } from '../../intake/record-click.ts';
import { isFetchAhead, shortened, visitorCookieIn } from './browser.ts';
import { type Redirect, redirect } from './redirect.ts';
import type { ReferralDeps } from './referral-deps.ts';

const PREFIX = '/r/';
const ROUTE = '/r/{code}';
const REDIRECT = 302;

/**
 * Answers ordinary requests to follow a link on the socket, before the framework makes its objects of them: those cost more
 * than the redirect. What is not plainly ordinary, or would not end as a redirect, is left to the door.
 */
export function redirectDirectly(deps: ReferralDeps): Direct {
  return (incoming, outgoing, takeOver) => {
    if (incoming.url?.startsWith(PREFIX) !== true) return false;
    const head = readPlainHead(incoming);
    if (head === undefined || head.path.indexOf('/', PREFIX.length) >= 0) return false;
    const target = openLinkInMemory(deps.click, head.path.slice(PREFIX.length));
    if (target === undefined) return false;
    // Whom it turns away there is nowhere to redirect to.
    if (target.fallbackUrl === null && target.partner.entry_links.mode === 'enforce') return false;
    void answer(deps, target, { incoming, outgoing, head, takeOver });
    return true;
  };
}

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly head: PlainHead;
  readonly takeOver: TakeOver;
}

async function answer(deps: ReferralDeps, target: LinkTarget, exchange: Exchange): Promise<void> {
  const { incoming, outgoing, head, takeOver } = exchange;
  const startedAt = performance.now();
  let found: Redirect | undefined;
  try {
    found = await redirect(deps, target, {
      cookie: visitorCookieIn(head.cookie),
      address: deps.perimeter.addressBehind(incoming.socket.remoteAddress, head.forwardedFor),
      userAgent: shortened(head.userAgent),
      isSpeculative: head.method === 'HEAD' || (head.purpose !== undefined && isFetchAhead(head.purpose)),
      rawQuery: head.query,
      host: head.host,
      language: target.variants.length === 0 ? undefined : acceptLanguage(incoming.headers['accept-language']),
    });
  } catch {
    // The door meets the same fault, and answers and logs it as any other.
    takeOver(incoming, outgoing);
    return;
  }
  if (found === undefined) return takeOver(incoming, outgoing);
  const headers = ['Location', found.location, 'Cache-Control', 'no-store', 'Content-Length', '0'];
  if (found.setCookie !== null) headers.push('Set-Cookie', found.setCookie);
  outgoing.writeHead(REDIRECT, headers);
  outgoing.end();
  const milliseconds = performance.now() - startedAt;
  deps.metrics.observeRequest('referral', head.method, ROUTE, REDIRECT, milliseconds / 1_000);
  // The click log has an entry of each.
  if (deps.logger.isLevelEnabled('debug')) {
    canonicalLog(deps.logger, 'referral', head.method, REDIRECT, milliseconds, new RequestContext(ROUTE));
  }
}
