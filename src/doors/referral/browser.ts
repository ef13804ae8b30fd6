import type { DoorContext } from '../../http/request-context.ts';

/** First-party cookie with a random number, so that a visitor is counted once. */
export const VISITOR_COOKIE = 'sluice_v';
const USER_AGENT_MAX = 512;

/** One header of the request. On a socket it is read where the parser put it: no `Headers` object is made for a redirect. */
export function headerOf(
  c: DoorContext<never>,
  name: 'cookie' | 'user-agent' | 'accept-language' | 'content-type' | 'purpose' | 'sec-purpose',
): string | undefined {
  const incoming = c.env?.incoming;
  if (incoming === undefined) return c.req.header(name);
  const value = incoming.headers[name];
  return typeof value === 'string' ? value : value?.[0];
}

export function userAgentOf(c: DoorContext<never>): string {
  return (headerOf(c, 'user-agent') ?? '').slice(0, USER_AGENT_MAX);
}

/** Our visitor cookie's value. */
export function visitorCookieOf(c: DoorContext<never>): string | undefined {
  const cookies = headerOf(c, 'cookie');
  if (cookies === undefined) return undefined;
  const name = `${VISITOR_COOKIE}=`;
  let start = cookies.startsWith(name) ? 0 : cookies.indexOf(`; ${name}`);
  if (start < 0) return undefined;
  start = cookies.indexOf('=', start) + 1;
  const end = cookies.indexOf(';', start);
  return end < 0 ? cookies.slice(start) : cookies.slice(start, end);
}

/** A HEAD, or a browser that fetches what somebody may open next (`Sec-Purpose: prefetch`). */
export function isSpeculative(c: DoorContext<never>): boolean {
  if (c.req.method === 'HEAD') return true;
  return (headerOf(c, 'sec-purpose') ?? headerOf(c, 'purpose') ?? '').includes('prefetch');
}
