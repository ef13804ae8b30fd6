import { createRoute, z } from '@hono/zod-openapi';
import { acceptLanguage } from '../../../http/accept-language.ts';
import { pageOf, pageQuery } from '../../../http/pagination.ts';
import { operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { operatorFindingSchema, operatorFindingView } from '../../quality/finding-schema.ts';
import { pageOfFindings } from '../../quality/page-of-findings.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';

const route = createRoute({
  method: 'get',
  path: '/admin/v1/quality',
  operationId: 'listPartnerQuality',
  tags: ['Traffic quality'],
  summary: 'What was found about the traffic of links: what is on, and the last 90 days',
  description:
    'A finding that holds switches billing of clicks off for one link until the end of the next day at the latest, and raises ' +
    'an alarm of kind `traffic_quality`. Registrations, applications and loans are paid for as always. Roles: any.',
  request: {
    query: z.strictObject({
      ...pageQuery,
      partner: z
        .string()
        .min(1)
        .max(32)
        .optional()
        .openapi({ description: 'Only about this partner’s links', example: 'acme' }),
    }),
  },
  responses: {
    200: { description: 'Findings', content: { 'application/json': { schema: pageOf(operatorFindingSchema) } } },
    ...problemResponses(...operatorProblems),
  },
});

export function registerListPartnerQuality(door: OperatorDoor, { quality }: Pick<OperatorDeps, 'quality'>): void {
  door.openapi(route, async (c) => {
    const { partner, ...page } = c.req.valid('query');
    const language = acceptLanguage(c.req.header('accept-language'));
    const { data, next_cursor } = pageOfFindings(await quality.list(partner), page);
    return c.json({ data: data.map((finding) => operatorFindingView(finding, language)), next_cursor }, 200);
  });
}
