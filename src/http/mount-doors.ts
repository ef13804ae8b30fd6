import type { HttpBindings } from '@hono/node-server';

/** What a server calls for each request. */
export type Fetch = (request: Request, env: HttpBindings) => Response | Promise<Response>;

interface Mountable {
  fetch(request: Request, env: HttpBindings): Response | Promise<Response>;
}

/**
 * Sends each request to the door that its first path segment names (`v1`, `lender`, `r`, …), everything else to the
 * fallback. Doors stay apart: each has its own problems, authentication and router.
 */
export function mountDoors(doors: Readonly<Record<string, Mountable>>, fallback: Mountable): Fetch {
  const bySegment = new Map(Object.entries(doors));
  return (request, env) => (bySegment.get(firstSegment(request.url)) ?? fallback).fetch(request, env);
}

/** Of an absolute URL. */
function firstSegment(url: string): string {
  const start = url.indexOf('/', AFTER_SCHEME) + 1;
  for (let end = start; end < url.length; end += 1) {
    const code = url.charCodeAt(end);
    if (code === SLASH || code === QUESTION_MARK) return url.slice(start, end);
  }
  return url.slice(start);
}

const AFTER_SCHEME = 'https://'.length;
const SLASH = 0x2f;
const QUESTION_MARK = 0x3f;
