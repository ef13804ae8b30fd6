import { createRoute, z } from '@hono/zod-openapi';
import { dateSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { bodyProblems, operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import type { CloseRequest } from '../../../revenue/close-outcome.ts';
import type { RevenueDesk } from '../../../revenue/revenue-desk.ts';
import { statementSchema } from '../../schemas/statement-schema.ts';
import { type AuditedAct, audited, reasonHeader } from '../audited.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';
import { contractNamed, contractQuery } from '../revenue/known-partner.ts';
import { contractsOn, type LedgerSide, operationIdOn, PARTNER_SIDE } from '../revenue/ledger-side.ts';
import { closeAnswer } from './close-answer.ts';
import { closeRequestSchema } from './period-schema.ts';

const STEPS = {
  review: {
    summary: 'Cut a period and draft its statement',
    description:
      'What is booked from now on goes to the next period. 409 period_blocked lists what must be settled or waived first; ' +
      'earlier periods must be locked, or have nothing in them. On a period in review it answers the draft. Roles: finance.',
  },
  refresh: {
    summary: 'Take late lines into a draft',
    description:
      'Moves what came after the cut, and belongs into the period, back into it; revision + 1. Roles: finance.',
  },
  lock: {
    summary: 'Lock a period and issue its statement',
    description:
      'Posts the lines, tax and withholding, checks that everything adds up, signs the statement. Never undone. In live ' +
      'another operator than the one who reviewed. Roles: finance.',
  },
} as const;
type Step = keyof typeof STEPS;

/** `POST /admin/v1/partners/{id}/periods/{period}/review`, `…/refresh`, `…/lock`, and of a funder. */
export function registerClosePeriod(door: OperatorDoor, deps: Deps, side: LedgerSide = PARTNER_SIDE): void {
  for (const step of Object.keys(STEPS) as Step[]) registerStep(door, deps, step, side);
}

type Deps = Pick<OperatorDeps, 'revenue' | 'audit' | 'logger'>;

function registerStep(door: OperatorDoor, deps: Deps, step: Step, side: LedgerSide): void {
  const { revenue } = deps;
  door.openapi(routeOf(step, side), async (c) => {
    const { name: actor } = partyOf(c);
    const { id, period } = c.req.valid('param');
    const partnerId = side.partyOf(id);
    const contract = contractNamed(contractsOn(side, revenue, id), c.req.valid('query').contract);
    addLogFields(c, { [side.kind]: id, contract, period, step });
    const { waive = [] } = c.req.valid('json');
    const request = { partnerId, contract, period, actor, waive };
    const what = await actOf(revenue, step, request);
    const act = async () => closeAnswer(revenue, partnerId, await revenue.closer[step](request));
    return c.json(await audited(c, deps, what, act), 200);
  });
}

type Waiving = Required<CloseRequest>;

/** Why blockers are set aside is the reason of such a step. */
async function actOf(
  { periods }: RevenueDesk,
  step: Step,
  { partnerId, contract, period, waive }: Waiving,
): Promise<AuditedAct<Awaited<ReturnType<typeof closeAnswer>>>> {
  const record = (await periods.periodsOf(partnerId, contract)).records.get(period);
  const before = record === undefined ? null : { state: record.state };
  const reason = waive.map(({ code, reason: why }) => `${code}: ${why}`).join('; ');
  return {
    action: `period.${step}`,
    object: { kind: 'period', id: `${partnerId}/${contract}/${period}` },
    ...(waive.length === 0 ? {} : { reason }),
    before,
    after: ({ id, revision, status, closing, currency }) => ({
      statement_id: id,
      revision,
      status,
      closing,
      currency,
      waived: waive.map(({ code }) => code),
    }),
  };
}

function routeOf(step: Step, side: LedgerSide) {
  return createRoute({
    method: 'post',
    path: `${side.path}/periods/{period}/${step}`,
    operationId: operationIdOn(side, `${step}Period`),
    tags: ['Revenue'],
    ...STEPS[step],
    request: {
      params: z.object({
        ...side.param,
        period: dateSchema.openapi({
          description: 'First day of the period',
          example: '2026-01-01',
          param: { name: 'period', in: 'path' },
        }),
      }),
      query: z.strictObject(contractQuery),
      headers: reasonHeader,
      body: jsonBody(closeRequestSchema, 'Blockers to set aside; may be left out'),
    },
    responses: {
      200: { description: 'The statement', content: { 'application/json': { schema: statementSchema } } },
      ...problemResponses(
        ...operatorProblems,
        ...bodyProblems,
        'not_found',
        'unknown_contract',
        'period_blocked',
        'period_out_of_order',
        'period_locked',
        'four_eyes_required',
      ),
    },
  });
}
