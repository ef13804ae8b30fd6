import { createRoute, z } from '@hono/zod-openapi';
import { productAsAccepted } from '../../../applications/product-as-accepted.ts';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { ProblemError } from '../../../http/problem.ts';
import { bodyProblems, problemResponses, replayHeaders, signedProblems } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import { type BindResult, bindCard } from '../../../intake/bind-card.ts';
import { viewAnswer } from '../../schemas/view-answer.ts';
import { inputProblem } from '../input-problem.ts';
import { ownApplication } from '../own-application.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { bindCardSchema, cardSchema } from './card-schema.ts';
import { cardView } from './card-view.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/applications/{id}/cards',
  operationId: 'bindCard',
  tags: ['Cards'],
  summary: 'Bind a bank card (绑卡); the same number again is the same card',
  description:
    'The lender is asked while you wait. `201`: bound. `202`: `next_action` says what is missing, mostly a code sent to the reserved phone; without one the lender has not answered yet. The first bound card is the default one. The number is passed on to the lender and not kept here. Consents of stage `card` are needed once.',
  request: { params: z.object({ id: pathIdSchema('app') }), body: jsonBody(bindCardSchema, 'The card') },
  responses: {
    201: { ...viewAnswer(cardSchema, 'The card is bound'), headers: replayHeaders },
    202: { ...viewAnswer(cardSchema, 'The card waits for next_action, or for the lender'), headers: replayHeaders },
    ...problemResponses(
      ...signedProblems,
      ...bodyProblems,
      'not_found',
      'illegal_transition',
      'card_refused',
      'limit_reached',
      'consent_missing',
    ),
  },
});

export function registerPostCard(door: PartnerDoor, { intake }: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const application = await ownApplication(intake, partyOf(c).id, c.req.valid('param').id);
    const product = productAsAccepted(application, intake.registry().products.get(application.product_id));
    const result = await bindCard(intake, application, product, c.req.valid('json'));
    if (result.kind !== 'card') throw cardProblem(result);
    const { card, nextAction, replayed } = result;
    addLogFields(c, { application_id: application.id, card_id: card.id, status: card.status });
    const headers: Record<string, string> = replayed ? { 'Idempotent-Replayed': 'true' } : {};
    return c.json(cardView(card, nextAction), card.status === 'active' ? 201 : 202, headers);
  });
}

function cardProblem(result: Exclude<BindResult, { readonly kind: 'card' }>): ProblemError {
  if (result.kind === 'faults') return inputProblem(result.faults);
  if (result.kind === 'too_many') return new ProblemError('limit_reached', `the application has had ${result.limit}`);
  if (result.kind === 'illegal') {
    return new ProblemError('illegal_transition', result.message, { members: { legal: [] } });
  }
  return new ProblemError('card_refused', result.reason, { members: { card_id: result.card.id } });
}
