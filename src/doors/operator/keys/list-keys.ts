import { createRoute, z } from '@hono/zod-openapi';
import { requireRole } from '../../../http/bearer.ts';
import { pageOf, pageQuery } from '../../../http/pagination.ts';
import { operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';
import { pageOfList } from '../page-of-list.ts';
import { keySchema, partyIdSchema } from './key-schema.ts';
import { keyView } from './key-view.ts';

const route = createRoute({
  method: 'get',
  path: '/admin/v1/keys',
  operationId: 'listKeys',
  tags: ['Keys'],
  summary: 'List keys of counterparties',
  description:
    'Every key by id, wherever it is defined, also those that have ended. Of a JWKS, what this process read last. Never ' +
    'the material of a secret. Roles: admin, support.',
  request: {
    query: z.strictObject({
      ...pageQuery,
      party: partyIdSchema
        .optional()
        .openapi({ description: 'Only keys of the counterparties of this id', example: 'acme' }),
    }),
  },
  responses: {
    200: { description: 'A page of keys', content: { 'application/json': { schema: pageOf(keySchema) } } },
    ...problemResponses(...operatorProblems),
  },
});

/** `GET /admin/v1/keys`. */
export function registerListKeys(
  door: OperatorDoor,
  { keyDesk, realClock }: Pick<OperatorDeps, 'keyDesk' | 'realClock'>,
): void {
  door.openapi(route, async (c) => {
    requireRole(c, 'support');
    const { party, ...query } = c.req.valid('query');
    const wanted = [...keyDesk.list().values()].filter((key) => party === undefined || key.party.id === party);
    const page = pageOfList(wanted, ({ id }) => id, query);
    const nowMs = realClock.nowMs();
    return c.json({ ...page, data: await Promise.all(page.data.map((key) => keyView(key, nowMs))) }, 200);
  });
}
