import { createRoute, z } from '@hono/zod-openapi';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { ProblemError } from '../../../http/problem.ts';
import { bodyProblems, problemResponses, replayHeaders, signedProblems } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import type { RevenueDesk } from '../../../revenue/revenue-desk.ts';
import { openDispute } from '../../../revenue/settlement/open-dispute.ts';
import { disputeRequestSchema, disputeSchema, disputeView } from '../../schemas/dispute-schema.ts';
import { inputProblem } from '../input-problem.ts';
import type { PartnerDoor } from '../partner-deps.ts';
import { ownStatement } from './own-statement.ts';

const params = z.object({ id: pathIdSchema('stm') });

const postRoute = createRoute({
  method: 'post',
  path: '/v1/statements/{id}/disputes',
  operationId: 'disputeStatement',
  tags: ['Revenue'],
  summary: 'Dispute lines of a statement',
  description:
    'Best while it is a draft: what is agreed then stands in the statement itself. Of an issued one it goes into the next. ' +
    'Each line is resolved by itself: accepted, adjusted or rejected. The same dispute again is the same dispute.',
  request: { params, body: jsonBody(disputeRequestSchema, 'What is held against it') },
  responses: {
    201: {
      description: 'The dispute',
      headers: replayHeaders,
      content: { 'application/json': { schema: disputeSchema } },
    },
    ...problemResponses(...signedProblems, ...bodyProblems, 'not_found', 'statement_not_open', 'statement_revised'),
  },
});

const listRoute = createRoute({
  method: 'get',
  path: '/v1/statements/{id}/disputes',
  operationId: 'listDisputes',
  tags: ['Revenue'],
  summary: 'Disputes about a statement, oldest first',
  request: { params },
  responses: {
    200: {
      description: 'Disputes',
      content: {
        'application/json': {
          schema: z.object({ data: z.array(disputeSchema).openapi({ description: 'Oldest first' }) }),
        },
      },
    },
    ...problemResponses(...signedProblems, 'not_found'),
  },
});

/** `POST` and `GET /v1/statements/{id}/disputes`. */
export function registerDisputes(door: PartnerDoor, { revenue }: { readonly revenue: RevenueDesk }): void {
  door.openapi(postRoute, async (c) => {
    const { id: partnerId } = partyOf(c);
    const { id } = c.req.valid('param');
    const { revision, lines } = c.req.valid('json');
    const wished = lines.map(
      ({ kind, note, commission_id = null, partner_ref = null, lender_ref = null, claimed = null }) => ({
        kind,
        commission_id,
        partner_ref,
        lender_ref,
        claimed,
        note,
      }),
    );
    const wish = { revision, lines: wished };
    const outcome = await openDispute(revenue.ledger, partnerId, id, wish, revenue.clock.nowMs());
    addLogFields(c, { statement_id: id, result: outcome.result });
    switch (outcome.result) {
      case 'unknown':
        throw new ProblemError('not_found');
      case 'too_late':
        throw new ProblemError('statement_not_open', `a statement that is ${outcome.status} is not disputed any more`);
      case 'other_revision':
        throw new ProblemError('statement_revised', `it has revision ${outcome.revision}`);
      case 'unknown_line': {
        const pointer = `/lines/${outcome.index}/commission_id`;
        throw inputProblem([{ pointer, code: 'unknown', message: 'is no line of this statement' }]);
      }
      case 'opened':
      case 'exists': {
        const headers: Record<string, string> = outcome.result === 'exists' ? { 'Idempotent-Replayed': 'true' } : {};
        return c.json(disputeView(outcome.dispute), 201, headers);
      }
    }
  });

  door.openapi(listRoute, async (c) => {
    const { disputes } = await ownStatement(revenue, partyOf(c).id, c.req.valid('param').id);
    return c.json({ data: disputes.map(disputeView) }, 200);
  });
}
