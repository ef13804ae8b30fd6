import type { z } from '@hono/zod-openapi';
import { createRoute } from '@hono/zod-openapi';

/** A GET that is for people and probes, not in the OpenAPI. */
export function pageRoute<const P extends string>(path: P) {
  return createRoute({
    method: 'get',
    path,
    hide: true,
    security: [],
    responses: { 200: { description: 'As named' } },
  });
}

/** The same with path parameters. */
export function pageRouteWith<const P extends string, S extends z.ZodObject>(path: P, params: S) {
  return createRoute({
    method: 'get',
    path,
    hide: true,
    security: [],
    request: { params },
    responses: { 200: { description: 'As named' } },
  });
}
