import type { DoorContext } from '../../http/request-context.ts';

/** First-party cookie with a random number, so that a visitor is counted once. */
export const VISITOR_COOKIE = 'sluice_v';
const USER_AGENT_MAX = 512;

/** One header of the request. On a socket it is read where the parser put it: no `Headers` object is made for a redirect. */
export function headerOf(
  c: DoorContext<never>,
  name:
    | 'cookie'
    | 'user-agent'
    | 'accept-language'
    | 'content-type'
    | 'purpose'
    | 'sec-purpose'
    | 'x-purpose'
    | 'x-moz'
    | 'sec-fetch-site'
    | 'origin'
    | 'host',
): string | undefined {
  const incoming = c.env?.incoming;
  if (incoming === undefined) return c.req.header(name);
  const value = incoming.headers[name];
  return typeof value === 'string' ? value : value?.[0];
}

export function userAgentOf(c: DoorContext<never>): string {
  return shortened(headerOf(c, 'user-agent'));
}

/** A user agent of a bounded length. */
export function shortened(userAgent: string = ''): string {
  return userAgent.length <= USER_AGENT_MAX ? userAgent : userAgent.slice(0, USER_AGENT_MAX);
}

/** Our visitor cookie's value. */
export function visitorCookieOf(c: DoorContext<never>): string | undefined {
  return visitorCookieIn(headerOf(c, 'cookie'));
}

/** Our visitor cookie's value in a `Cookie` field. */
export function visitorCookieIn(cookies: string | undefined): string | undefined {
  if (cookies === undefined) return undefined;
  const name = `${VISITOR_COOKIE}=`;
  let start = cookies.startsWith(name) ? 0 : cookies.indexOf(`; ${name}`);
  if (start < 0) return undefined;
  start = cookies.indexOf('=', start) + 1;
  const end = cookies.indexOf(';', start);
  return end < 0 ? cookies.slice(start) : cookies.slice(start, end);
}

/** A HEAD, or a browser or messenger that fetches what somebody may open next. */
export function isSpeculative(c: DoorContext<never>): boolean {
  return c.req.method === 'HEAD' || isFetchAhead(PURPOSES.map((name) => headerOf(c, name) ?? '').join());
}

const PURPOSES = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'] as const;
const AHEAD = /prefetch|prerender|preview/i;

/**
 * Whether a request says that nobody has opened it yet: `Sec-Purpose: prefetch`, `Purpose: prefetch`, `X-Purpose: preview`,
 * `X-Moz: prefetch`. @param purpose those fields, whichever were sent
 */
export function isFetchAhead(purpose: string): boolean {
  return AHEAD.test(purpose);
}
