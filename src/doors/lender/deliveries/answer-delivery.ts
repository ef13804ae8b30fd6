import { createRoute, z } from '@hono/zod-openapi';
import { pushAnswerSchema } from '../../../applications/push/judge-response.ts';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { ProblemError } from '../../../http/problem.ts';
import { bodyProblems, problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import { isPulling } from '../../../registry/schema/lender.ts';
import type { LenderDeps, LenderDoor } from '../lender-deps.ts';

// Copied: what was made before the documenting kind of zod was loaded cannot be documented.
const { shape } = pushAnswerSchema;

const answerSchema = z
  .strictObject({
    result: shape.result.clone().openapi({
      description: 'duplicate = you had it already; rejected = declined, with the reason',
      example: 'accepted',
    }),
    lender_ref: shape.lender_ref
      .clone()
      .openapi({ description: 'Your reference of the object', example: 'QC-2026-000123' }),
    reason: shape.reason.clone().openapi({ description: 'With rejected: your code of why', example: 'risk_score' }),
    detail: shape.detail.clone().openapi({ description: 'With rejected: in words', example: 'income too low' }),
    retry_at: shape.retry_at.clone().openapi({
      description: 'With rejected: RFC 3339 instant from which it may be tried again',
      example: '2026-04-01T00:00:00.000Z',
    }),
    tries_left: shape.tries_left
      .clone()
      .openapi({ description: 'With a wrong code: how many more may be tried', example: 2 }),
    next_action: shape.next_action.clone().openapi({
      description: 'What the applicant has to do, as in action.required',
      example: { type: 'otp', scene: 'drawdown', sent_to: '138****8000', expires_at: '2026-03-02T04:10:06.000Z' },
    }),
  })
  .openapi('DeliveryAnswer', { description: 'What a core answers to a delivery' });

const answeredSchema = z
  .object({
    id: z.string().openapi({ description: 'The delivery', example: 'dlv_1f8ac10f23c5b5bc1167bda84b833e5c' }),
    result: z
      .enum(['recorded', 'duplicate'])
      .openapi({ description: 'duplicate = it was answered before, nothing changed', example: 'recorded' }),
  })
  .openapi('AnsweredDelivery', { description: 'That an answer was taken in' });

const route = createRoute({
  method: 'post',
  path: '/lender/v1/deliveries/{id}/answer',
  operationId: 'answerDelivery',
  tags: ['Deliveries'],
  summary: 'Answer a delivery that you have fetched',
  description:
    'The body is what a core answers with 200. From then on the delivery is not shown any more. Those of one ' +
    'application are answered in order.',
  request: {
    params: z.strictObject({ id: pathIdSchema('dlv') }),
    body: jsonBody(answerSchema, 'Your answer'),
  },
  responses: {
    200: { description: 'It was taken in', content: { 'application/json': { schema: answeredSchema } } },
    ...problemResponses(
      ...signedProblems,
      ...bodyProblems,
      'not_found',
      'deliveries_are_pushed',
      'delivery_out_of_order',
    ),
  },
});

/** `POST /lender/v1/deliveries/{id}/answer`. */
export function registerAnswerDelivery(door: LenderDoor, { pulled }: Pick<LenderDeps, 'pulled'>): void {
  door.openapi(route, async (c) => {
    const lender = partyOf(c);
    const { id } = c.req.valid('param');
    if (!isPulling(lender.core)) throw new ProblemError('deliveries_are_pushed');
    const answered = await pulled.answer(lender.id, id, c.req.valid('json'));
    if (answered.kind === 'unknown') throw new ProblemError('not_found');
    if (answered.kind === 'out_of_order') {
      throw new ProblemError('delivery_out_of_order', `${answered.firstId} comes before it`);
    }
    addLogFields(c, { delivery_id: id, result: answered.kind });
    return c.json({ id, result: answered.kind }, 200);
  });
}
