import { createRoute, z } from '@hono/zod-openapi';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { ProblemError } from '../../../http/problem.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import { removeCard } from '../../../intake/remove-card.ts';
import { ownerOf } from '../actions/own-action.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';

const route = createRoute({
  method: 'delete',
  path: '/v1/cards/{id}',
  operationId: 'removeCard',
  tags: ['Cards'],
  summary: 'Take a card off (解绑); the lender is told',
  description:
    'Where it was the default card, the newest one that is left becomes it. A card that a loan needs stays until the loan is over. Once more is answered the same and changes nothing.',
  request: { params: z.object({ id: pathIdSchema('card') }) },
  responses: {
    204: { description: 'The card is off' },
    ...problemResponses(...signedProblems, 'not_found', 'card_in_use'),
  },
});

export function registerDeleteCard(door: PartnerDoor, { intake }: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const application = await ownerOf(intake, partyOf(c).id, id);
    addLogFields(c, { application_id: application.id, card_id: id });
    const result = await removeCard(intake, application.id, id);
    if (result.kind === 'unknown') throw new ProblemError('not_found');
    if (result.kind === 'in_use') throw new ProblemError('card_in_use', `${result.loanId} is not over`);
    return c.body(null, 204);
  });
}
