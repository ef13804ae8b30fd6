import { createRoute, z } from '@hono/zod-openapi';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { pageOf, pageQuery } from '../../../http/pagination.ts';
import { ProblemError } from '../../../http/problem.ts';
import { bodyProblems, operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import { DISPUTE_RESULTS, type Dispute, isOpen } from '../../../revenue/settlement/dispute.ts';
import { readStanding } from '../../../revenue/settlement/read-standing.ts';
import { type ResolveOutcome, resolveDispute } from '../../../revenue/settlement/resolve-dispute.ts';
import { disputeSchema, disputeView } from '../../schemas/dispute-schema.ts';
import { audited, reasonHeader } from '../audited.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';
import { pageOfList } from '../page-of-list.ts';
import { contractsOfPartner, partnerParam } from '../revenue/known-partner.ts';

const resolutionSchema = z.strictObject({
  no: z.int().min(1).openapi({ description: 'Number of the line', example: 1 }),
  result: z.enum(DISPUTE_RESULTS).openapi({
    description: 'accepted: as claimed; adjusted: by another sum; rejected: not at all',
    example: 'accepted',
  }),
  amount: z.int().optional().openapi({
    description: 'Signed minor units to book; accepted without one: what is claimed less what the line pays',
    example: -12000,
  }),
  reason: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .openapi({ description: 'Why; the partner reads it', example: 'Counted twice' }),
});

const requestSchema = z
  .strictObject({
    resolutions: z.array(resolutionSchema).min(1).max(1_000).openapi({ description: 'Line by line, all or some' }),
    refresh: z
      .boolean()
      .default(true)
      .openapi({ description: 'Take what was agreed into the draft, where the period is in review', example: true }),
  })
  .openapi('DisputeResolution', { description: 'What becomes of disputed lines' });

const listRoute = createRoute({
  method: 'get',
  path: '/admin/v1/partners/{id}/disputes',
  operationId: 'listPartnerDisputes',
  tags: ['Revenue'],
  summary: 'Disputes of a partner, oldest first',
  description: 'With status=open what waits for an answer. Any role.',
  request: {
    params: z.object(partnerParam),
    query: z.strictObject({
      ...pageQuery,
      status: z.enum(['open', 'resolved']).optional().openapi({ description: 'Only these', example: 'open' }),
    }),
  },
  responses: {
    200: { description: 'A page', content: { 'application/json': { schema: pageOf(disputeSchema) } } },
    ...problemResponses(...operatorProblems, 'not_found'),
  },
});

const resolveRoute = createRoute({
  method: 'post',
  path: '/admin/v1/partners/{id}/disputes/{dispute}/resolve',
  operationId: 'resolveDispute',
  tags: ['Revenue'],
  summary: 'Resolve lines of a dispute',
  description:
    'What is agreed is booked as a line of kind dispute: into the draft where the period is in review, else into the next. ' +
    'Audited as dispute.resolve. Roles: finance.',
  request: {
    params: z.object({
      ...partnerParam,
      dispute: pathIdSchema('dsp').openapi({ description: 'Dispute', param: { name: 'dispute', in: 'path' } }),
    }),
    headers: reasonHeader,
    body: jsonBody(requestSchema, 'What becomes of its lines'),
  },
  responses: {
    200: { description: 'The dispute', content: { 'application/json': { schema: disputeSchema } } },
    ...problemResponses(...operatorProblems, ...bodyProblems, 'not_found', 'dispute_resolved'),
  },
});

type Deps = Pick<OperatorDeps, 'revenue' | 'audit' | 'logger'>;
type Resolved = Extract<ResolveOutcome, { readonly dispute: Dispute }>;

/** `GET /admin/v1/partners/{id}/disputes`, `POST …/{dispute}/resolve`. */
export function registerPartnerDisputes(door: OperatorDoor, deps: Deps): void {
  const { revenue } = deps;
  door.openapi(listRoute, async (c) => {
    const { id } = c.req.valid('param');
    contractsOfPartner(revenue, id);
    const { status, ...query } = c.req.valid('query');
    const { disputes } = await readStanding(revenue.ledger, id);
    const wanted = disputes.filter((dispute) => status === undefined || isOpen(dispute) === (status === 'open'));
    const keyOf = ({ opened_at, id: dispute }: Dispute) => `${opened_at} ${dispute}`;
    const page = pageOfList(wanted, keyOf, query);
    return c.json({ ...page, data: page.data.map(disputeView) }, 200);
  });

  door.openapi(resolveRoute, async (c) => {
    const { name: by } = partyOf(c);
    const { id, dispute: disputeId } = c.req.valid('param');
    const { resolutions, refresh } = c.req.valid('json');
    const contracts = contractsOfPartner(revenue, id);
    const versionsOf = (contract: string) => contracts.filter((terms) => terms.contract === contract);
    addLogFields(c, { partner: id, dispute_id: disputeId });
    const wishes = resolutions.map(({ amount, ...rest }) => ({
      ...rest,
      amount: amount === undefined ? null : BigInt(amount),
    }));
    const what = {
      action: 'dispute.resolve',
      object: { kind: 'dispute', id: disputeId },
      reason: resolutions
        .map(({ no, result, reason }) => `${no} ${result}: ${reason}`)
        .join('; ')
        .slice(0, REASON_MAX),
      after: ({ dispute, lines }: Resolved) => ({ open: isOpen(dispute), booked: lines.map((line) => line.id) }),
    };
    const around = { versionsOf, by, nowMs: revenue.clock.nowMs() };
    const { dispute, lines } = await audited(c, deps, what, async () =>
      resolvedOrProblem(await resolveDispute(revenue.ledger, id, disputeId, wishes, around)),
    );
    // Of a period that is locked there is no draft to refresh: the lines lie in the next.
    if (refresh && lines.some((line) => line.original_period === dispute.period)) {
      await revenue.closer.refresh({ partnerId: id, contract: dispute.contract, period: dispute.period, actor: by });
    }
    return c.json(disputeView(dispute), 200);
  });
}

const REASON_MAX = 500;

function resolvedOrProblem(outcome: ResolveOutcome): Resolved {
  switch (outcome.result) {
    case 'resolved':
    case 'already':
      return outcome;
    case 'unknown':
      throw new ProblemError('not_found');
    case 'resolved_otherwise':
      throw new ProblemError('dispute_resolved', `line ${outcome.no} was resolved before`);
    case 'amount_required':
      throw new ProblemError('validation_failed', 'an amount is needed', {
        errors: [
          { pointer: '/resolutions', code: 'required', message: `line ${outcome.no} claims no amount: give one` },
        ],
      });
  }
}
