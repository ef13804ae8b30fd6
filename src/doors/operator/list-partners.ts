import { createRoute, z } from '@hono/zod-openapi';
import { pageOf, pageQuery } from '../../http/pagination.ts';
import { operatorProblems, problemResponses } from '../../http/problem-responses.ts';
import type { OperatorDeps, OperatorDoor } from './operator-deps.ts';
import { pageOfList } from './page-of-list.ts';

const partnerSchema = z
  .object({
    id: z.string().openapi({ description: 'Id, the name of its folder', example: 'acme' }),
    name: z.string().openapi({ description: 'Name', example: 'Acme Loan Supermarket' }),
    kind: z.enum(['platform', 'referral']).openapi({ description: 'platform = API, referral = links' }),
    status: z.enum(['active', 'suspended', 'terminated']).openapi({
      description: 'suspended = no new traffic, the rest goes on',
      example: 'active',
    }),
    dialect: z.string().openapi({ description: 'Standard that it speaks', example: 'openapi' }),
    terms: z.array(z.string()).openapi({ description: 'Ids of its terms, as in its file', example: ['acme-2026'] }),
  })
  .openapi('Partner', { description: 'A traffic partner' });

const route = createRoute({
  method: 'get',
  path: '/admin/v1/partners',
  operationId: 'listPartners',
  tags: ['Partners'],
  summary: 'List traffic partners',
  description: 'The partners of the files in use, by id. Any role.',
  request: { query: z.strictObject(pageQuery) },
  responses: {
    200: { description: 'A page of partners', content: { 'application/json': { schema: pageOf(partnerSchema) } } },
    ...problemResponses(...operatorProblems),
  },
});

/** `GET /admin/v1/partners`. */
export function registerListPartners(door: OperatorDoor, { registry }: Pick<OperatorDeps, 'registry'>): void {
  door.openapi(route, (c) => {
    const partners = [...registry().traffic.values()].map(({ id, name, kind, status, dialect, terms }) => ({
      id,
      name,
      kind,
      status,
      dialect,
      terms: terms.map((version) => version.id),
    }));
    return c.json(
      pageOfList(partners, ({ id }) => id, c.req.valid('query')),
      200,
    );
  });
}
