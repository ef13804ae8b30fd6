import { createRoute, z } from '@hono/zod-openapi';
import { idSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { ProblemError } from '../../../http/problem.ts';
import { bodyProblems, operatorProblems, problemResponses, replayHeaders } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import { commissionView } from '../../../revenue/commission-view.ts';
import { standingOf } from '../../../revenue/list-commissions.ts';
import { type AdjustOutcome, adjust } from '../../../revenue/settlement/adjust.ts';
import { commissionSchema } from '../../schemas/commission-schema.ts';
import { audited } from '../audited.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';
import { contractNamed } from '../revenue/known-partner.ts';
import { contractsOn, type LedgerSide, operationIdOn, PARTNER_SIDE } from '../revenue/ledger-side.ts';
import { transferExists } from './transfer-exists.ts';

const MINOR_MAX = 9_000_000_000_000;

const requestSchema = z
  .strictObject({
    contract: z
      .string()
      .max(64)
      .optional()
      .openapi({ description: 'May be left out where there is one', example: 'main' }),
    amount: z
      .int()
      .min(-MINOR_MAX)
      .max(MINOR_MAX)
      .refine((amount) => amount !== 0, 'must not be 0')
      .openapi({ description: 'Signed minor units of the contract’s currency', example: -12000 }),
    reason: z
      .string()
      .trim()
      .min(1)
      .max(500)
      .openapi({ description: 'Why; it stands on the statement', example: 'Counted twice in January' }),
    refers_to: z
      .union([idSchema('com'), idSchema('stm')])
      .optional()
      .openapi({
        description: 'Commission or statement that it puts right',
        example: 'com_1f8ac10f23c5b5bc1167bda84b833e5c',
      }),
    reference: z
      .string()
      .trim()
      .min(1)
      .max(128)
      .openapi({ description: 'Of yours; the same again is the same adjustment', example: 'ADJ-2026-0012' }),
  })
  .openapi('AdjustmentRequest', { description: 'A line that no event has earned' });

type Deps = Pick<OperatorDeps, 'revenue' | 'audit' | 'logger'>;
type Booked = Extract<AdjustOutcome, { readonly line: unknown }>;

/** `POST /admin/v1/partners/{id}/adjustments`, and of a funder. */
export function registerPostAdjustment(door: OperatorDoor, deps: Deps, side: LedgerSide = PARTNER_SIDE): void {
  const { revenue } = deps;
  door.openapi(routeOn(side), async (c) => {
    const { name: by } = partyOf(c);
    const { id } = c.req.valid('param');
    const { contract: named, amount, reason, reference, refers_to: refersTo = null } = c.req.valid('json');
    const party = side.partyOf(id);
    const contracts = contractsOn(side, revenue, id);
    const contract = contractNamed(contracts, named);
    const versions = contracts.filter((terms) => terms.contract === contract);
    addLogFields(c, { [side.kind]: id, contract });
    const what = {
      action: 'adjustment.book',
      object: { kind: 'adjustment', id: `${party}/${contract}/${reference}` },
      reason,
      after: ({ line }: Booked) => ({
        commission_id: line.id,
        amount: line.amount,
        currency: line.currency,
        period: line.period,
      }),
    };
    const { line, result } = await audited(c, deps, what, async () =>
      bookedOrProblem(
        await adjust(
          revenue.ledger,
          party,
          versions,
          { amount, reason, reference, refersTo, by },
          revenue.clock.nowMs(),
        ),
      ),
    );
    const standing = await standingOf(revenue.ledger, revenue.periods, party);
    const headers: Record<string, string> = result === 'exists' ? { 'Idempotent-Replayed': 'true' } : {};
    return c.json(commissionView(line, standing), 201, headers);
  });
}

function bookedOrProblem(outcome: AdjustOutcome): Booked {
  switch (outcome.result) {
    case 'created':
    case 'exists':
      return outcome;
    case 'differs':
      throw transferExists(outcome.how);
    case 'unknown_reference':
      throw new ProblemError('validation_failed', 'there is nothing to put right', {
        errors: [{ pointer: '/refers_to', code: 'unknown', message: 'is no commission or statement of this contract' }],
      });
  }
}

function routeOn(side: LedgerSide) {
  return createRoute({
    method: 'post',
    path: `${side.path}/adjustments`,
    operationId: operationIdOn(side, 'bookAdjustment'),
    tags: ['Revenue'],
    summary: side.kind === 'partner' ? 'Book an adjustment' : 'Book an adjustment of what a funder owes us',
    description:
      'A line of its own in the first period that is not cut; what it refers to stays as it is. A refresh takes it into a draft ' +
      'that it belongs to. Audited as adjustment.book. Roles: finance.',
    request: { params: z.object(side.param), body: jsonBody(requestSchema, 'The adjustment') },
    responses: {
      201: {
        description: 'The line',
        headers: replayHeaders,
        content: { 'application/json': { schema: commissionSchema } },
      },
      ...problemResponses(...operatorProblems, ...bodyProblems, 'not_found', 'unknown_contract', 'transfer_exists'),
    },
  });
}
