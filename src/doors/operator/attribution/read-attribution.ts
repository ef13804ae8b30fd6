import { createRoute, z } from '@hono/zod-openapi';
import { attributionView } from '../../../attribution/attribution-view.ts';
import { paysTheSame, rulesToWire, simulateAttribution } from '../../../attribution/simulate-attribution.ts';
import { acceptLanguage } from '../../../http/accept-language.ts';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { ProblemError } from '../../../http/problem.ts';
import { operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { attributionSchema } from '../../schemas/attribution-schema.ts';
import { viewAnswer } from '../../schemas/view-answer.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';
import { asOfSchema, maxDaysSchema, minSecondsSchema, modelSchema, rulesOf, rulesSchema } from './other-rules.ts';

const answerSchema = z
  .object({
    application_id: z.string().openapi({ description: 'Application', example: 'app_1f8ac10f23c5b5bc1167bda84b833e5c' }),
    verdict: attributionSchema.openapi({ description: 'As it was decided and is paid' }),
    simulation: z
      .object({
        rules: rulesSchema,
        verdict: attributionSchema.openapi({ description: 'As those rules would have decided' }),
        same_partner: z.boolean().openapi({ description: 'Whether the same partner would earn', example: false }),
      })
      .nullable()
      .openapi({ description: 'null = nothing was asked for but the verdict' }),
  })
  .openapi('OperatorAttribution', {
    description: 'Who introduced an application, whole, and what other rules would say',
  });

const route = createRoute({
  method: 'get',
  path: '/admin/v1/applications/{id}/attribution',
  operationId: 'readAttribution',
  tags: ['Attribution'],
  summary: 'Read who introduced an application',
  description:
    'Every candidate of every partner, and why each won or lost. With any of the parameters also what other rules would have decided from the same stored facts; nothing is written, and nothing changes. Any role.',
  request: {
    params: z.object({ id: pathIdSchema('app') }),
    query: z.strictObject({
      simulate: modelSchema.optional(),
      click_min_seconds: minSecondsSchema.optional(),
      click_max_days: maxDaysSchema.optional(),
      as_of: asOfSchema.optional(),
    }),
  },
  responses: {
    200: viewAnswer(answerSchema, 'The verdict'),
    ...problemResponses(...operatorProblems, 'not_found', 'validation_failed'),
  },
});

/** `GET /admin/v1/applications/{id}/attribution`. */
export function registerReadAttribution(door: OperatorDoor, { store }: Pick<OperatorDeps, 'store'>): void {
  door.openapi(route, async (c) => {
    const found = await store.load(c.req.valid('param').id);
    if (found === undefined) throw new ProblemError('not_found', 'there is no such application');
    const { id, attribution, pins } = found.application;
    const { simulate, ...windows } = c.req.valid('query');
    const language = acceptLanguage(c.req.header('accept-language'));
    const isAsked = simulate !== undefined || Object.values(windows).some((value) => value !== undefined);
    const rules = rulesOf({ model: simulate, ...windows });
    const simulated = simulateAttribution(attribution, rules);
    const answer = {
      application_id: id,
      verdict: attributionView(attribution, { viewerId: null, language, pins }),
      simulation: isAsked
        ? {
            rules: rulesToWire(rules),
            verdict: attributionView(simulated, { viewerId: null, language }),
            same_partner: paysTheSame(attribution, simulated),
          }
        : null,
    };
    return c.json(answer, 200);
  });
}
