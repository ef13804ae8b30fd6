import { createRoute, z } from '@hono/zod-openapi';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { ProblemError } from '../../../http/problem.ts';
import { bodyProblems, problemResponses, replayHeaders, signedProblems } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import type { RevenueDesk } from '../../../revenue/revenue-desk.ts';
import { acceptStatement } from '../../../revenue/settlement/accept-statement.ts';
import { statementSchema } from '../../schemas/statement-schema.ts';
import { statementView } from '../../schemas/statement-view.ts';
import type { PartnerDoor } from '../partner-deps.ts';
import { ownStatement } from './own-statement.ts';

const requestSchema = z
  .strictObject({
    revision: z.int().min(1).openapi({ description: 'Revision that you looked at', example: 1 }),
    name: z.string().trim().min(1).max(100).openapi({ description: 'Who agrees', example: 'Li Lei' }),
  })
  .openapi('StatementAcceptance', { description: 'Agreement to a statement' });

const route = createRoute({
  method: 'post',
  path: '/v1/statements/{id}/acceptance',
  operationId: 'acceptStatement',
  tags: ['Revenue'],
  summary: 'Accept an issued statement',
  description:
    'Your signature on the request is your signature on the statement. Silence until `accept_by` accepts too.',
  request: { params: z.object({ id: pathIdSchema('stm') }), body: jsonBody(requestSchema, 'Which revision, and who') },
  responses: {
    200: {
      description: 'The statement',
      headers: replayHeaders,
      content: { 'application/json': { schema: statementSchema } },
    },
    ...problemResponses(...signedProblems, ...bodyProblems, 'not_found', 'statement_not_open', 'statement_revised'),
  },
});

/** `POST /v1/statements/{id}/acceptance`. */
export function registerPostAcceptance(door: PartnerDoor, { revenue }: { readonly revenue: RevenueDesk }): void {
  door.openapi(route, async (c) => {
    const { id: partnerId } = partyOf(c);
    const { id } = c.req.valid('param');
    const { revision, name } = c.req.valid('json');
    const wish = { revision, how: 'signature', name } as const;
    const outcome = await acceptStatement(revenue.ledger, partnerId, id, wish, revenue.clock.nowMs());
    addLogFields(c, { statement_id: id, result: outcome.result });
    switch (outcome.result) {
      case 'unknown':
        throw new ProblemError('not_found');
      case 'not_issued':
        throw new ProblemError('statement_not_open', 'only what was issued can be accepted');
      case 'disputed':
        throw new ProblemError(
          'statement_not_open',
          'your disputes about it are open; it can be accepted once they are resolved',
        );
      case 'other_revision':
        throw new ProblemError('statement_revised', `it has revision ${outcome.revision}`);
      case 'accepted':
      case 'already': {
        const standing = await ownStatement(revenue, partnerId, id);
        const headers: Record<string, string> = outcome.result === 'already' ? { 'Idempotent-Replayed': 'true' } : {};
        return c.json(statementView(standing, revenue.sign), 200, headers);
      }
    }
  });
}
