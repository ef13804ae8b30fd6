import { createRoute, z } from '@hono/zod-openapi';
import { attributionView } from '../../../attribution/attribution-view.ts';
import { acceptLanguage } from '../../../http/accept-language.ts';
import { idSchema, instantSchema, pathIdSchema } from '../../../http/common-schemas.ts';
import { ProblemError } from '../../../http/problem.ts';
import { operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { attributionSchema } from '../../schemas/attribution-schema.ts';
import { viewAnswer } from '../../schemas/view-answer.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';

const registrationSchema = z
  .object({
    id: idSchema('reg'),
    lender_id: z.string().openapi({ description: 'Lender', example: 'quickcredit' }),
    lender_ref: z.string().openapi({ description: 'The lender’s reference', example: 'REG-1' }),
    product_id: z
      .string()
      .nullable()
      .openapi({ description: 'Product, where the lender named one', example: 'quick-cash' }),
    registered_at: instantSchema.openapi({ description: 'When they registered, as the lender has it' }),
    reported_at: instantSchema.openapi({ description: 'When it was reported' }),
    verdict: attributionSchema,
  })
  .openapi('OperatorRegistration', { description: 'A registration as a lender reported it, without the person' });

const route = createRoute({
  method: 'get',
  path: '/admin/v1/registrations/{id}',
  operationId: 'readRegistration',
  tags: ['Attribution'],
  summary: 'Read a registration',
  description: 'A registration with who introduced the person, and every candidate. Any role.',
  request: { params: z.object({ id: pathIdSchema('reg') }) },
  responses: {
    200: viewAnswer(registrationSchema, 'The registration'),
    ...problemResponses(...operatorProblems, 'not_found'),
  },
});

/** `GET /admin/v1/registrations/{id}`. */
export function registerReadRegistration(
  door: OperatorDoor,
  { registrations }: Pick<OperatorDeps, 'registrations'>,
): void {
  door.openapi(route, async (c) => {
    const found = await registrations.load(c.req.valid('param').id);
    if (found === undefined) throw new ProblemError('not_found', 'there is no such registration');
    const { id, lender_id, lender_ref, product_id, registered_at, created_at, attribution } = found;
    const language = acceptLanguage(c.req.header('accept-language'));
    const answer = {
      id,
      lender_id,
      lender_ref,
      product_id,
      registered_at,
      reported_at: created_at,
      verdict: attributionView(attribution, { viewerId: null, language }),
    };
    return c.json(answer, 200);
  });
}
