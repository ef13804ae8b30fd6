import { createRoute, z } from '@hono/zod-openapi';
import { msOf } from '../../../base/clock.ts';
import { dateSchema, idSchema, instantSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { pageOf, pageQuery } from '../../../http/pagination.ts';
import { ProblemError } from '../../../http/problem.ts';
import { bodyProblems, operatorProblems, problemResponses, replayHeaders } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import { type PayOutcome, payStatements } from '../../../revenue/settlement/pay-statements.ts';
import { readStanding } from '../../../revenue/settlement/read-standing.ts';
import { audited, reasonHeader } from '../audited.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';
import { pageOfList } from '../page-of-list.ts';
import { contractNamed } from '../revenue/known-partner.ts';
import { contractsOn, type LedgerSide, operationIdOn, PARTNER_SIDE } from '../revenue/ledger-side.ts';
import { transferExists } from './transfer-exists.ts';

const MINOR_MAX = 9_000_000_000_000;
const minor = (description: string, example: number) =>
  z
    .int()
    .max(MINOR_MAX)
    .openapi({ description: `${description}, minor units of the contract’s currency`, example });

const allocationSchema = z.strictObject({
  statement_id: idSchema('stm'),
  amount: minor('Part of the payment that is meant for it', 1047280).min(1),
});

export const paymentRequestSchema = z
  .strictObject({
    contract: z
      .string()
      .max(64)
      .optional()
      .openapi({ description: 'May be left out where there is one', example: 'main' }),
    direction: z.enum(['out', 'in']).openapi({ description: 'out: from us; in: to us', example: 'out' }),
    amount: minor('What moved', 1047280).min(1),
    withheld: minor('Paid to the tax office instead', 0).min(0).default(0),
    paid_at: instantSchema.openapi({ description: 'When the bank moved it' }),
    reference: z
      .string()
      .trim()
      .min(1)
      .max(128)
      .openapi({ description: 'Of the bank; the same again is the same payment', example: 'BOC-2026-02-12-0007' }),
    allocations: z.array(allocationSchema).max(400).default([]).openapi({
      description: 'What it is for; the rest pays the oldest statement, then stands to the partner’s credit',
    }),
    override: z.string().trim().min(1).max(500).optional().openapi({
      description:
        'Why it is paid although a statement is not accepted, not invoiced, disputed, or the partner is suspended',
      example: 'Agreed advance',
    }),
  })
  .openapi('PaymentRequest', { description: 'Money that has moved' });
export type PaymentRequest = z.output<typeof paymentRequestSchema>;

export const paymentSchema = z
  .object({
    id: idSchema('pay'),
    contract: z.string().openapi({ description: 'Contract', example: 'main' }),
    currency: z.string().openapi({ description: 'ISO 4217', example: 'CNY' }),
    direction: z.enum(['out', 'in']).openapi({ description: 'out: from us; in: to us', example: 'out' }),
    amount: minor('What moved', 1047280),
    withheld: minor('Paid to the tax office instead', 0),
    paid_at: instantSchema.openapi({ description: 'When the bank moved it' }),
    reference: z.string().openapi({ description: 'Of the bank', example: 'BOC-2026-02-12-0007' }),
    allocations: z.array(allocationSchema).openapi({ description: 'What it was for' }),
    period: dateSchema.openapi({ description: 'Period that counts it', example: '2026-02-01' }),
    booked_at: instantSchema.openapi({ description: 'When it was booked' }),
  })
  .openapi('Payment', { description: 'A payment' });

type Deps = Pick<OperatorDeps, 'revenue' | 'audit' | 'logger'>;

/** `POST` and `GET /admin/v1/partners/{id}/payments`, and of a funder. */
export function registerPayments(door: OperatorDoor, deps: Deps, side: LedgerSide = PARTNER_SIDE): void {
  const { revenue } = deps;
  door.openapi(postRoute(side), async (c) => {
    const { name: by } = partyOf(c);
    const { id } = c.req.valid('param');
    const body = c.req.valid('json');
    const { contract, party, pay } = paymentOf(deps, side, id, body, by);
    addLogFields(c, { [side.kind]: id, contract });
    const what = {
      action: 'payment.book',
      object: { kind: 'payment', id: `${party}/${contract}/${body.reference}` },
      ...(body.override === undefined ? {} : { reason: body.override }),
      after: ({ payment }: Booked) => ({ ...paymentView(payment, side), allocations: payment.allocations.length }),
    };
    const { payment, result } = await audited(c, deps, what, pay);
    const headers: Record<string, string> = result === 'exists' ? { 'Idempotent-Replayed': 'true' } : {};
    return c.json(paymentView(payment, side), 201, headers);
  });

  door.openapi(listRoute(side), async (c) => {
    const { id } = c.req.valid('param');
    contractsOn(side, revenue, id);
    const { payments } = await readStanding(revenue.ledger, side.partyOf(id));
    const keyOf = ({ paid_at, id: payment }: (typeof payments)[number]) => `${paid_at} ${payment}`;
    const page = pageOfList(payments, keyOf, c.req.valid('query'));
    return c.json({ ...page, data: page.data.map((payment) => paymentView(payment, side)) }, 200);
  });
}

/**
 * A payment as an operator asks for it, ready to be booked.
 * @throws ProblemError 422 for one that has not come yet or is of no contract; `pay` throws those of booking it
 */
export function paymentOf(
  { revenue }: Pick<Deps, 'revenue'>,
  side: LedgerSide,
  id: string,
  request: PaymentRequest,
  by: string,
): { readonly contract: string; readonly party: string; readonly pay: () => Promise<Booked> } {
  const { contract: named, paid_at, override = null, ...body } = request;
  const party = side.partyOf(id);
  const contracts = contractsOn(side, revenue, id);
  const contract = contractNamed(contracts, named);
  const paidAtMs = msOf(paid_at);
  if (paidAtMs > revenue.clock.nowMs()) {
    const errors = [{ pointer: '/paid_at', code: 'in_future', message: 'has not come yet' }];
    throw new ProblemError('validation_failed', 'a payment is booked once it has moved', { errors });
  }
  const versions = contracts.filter((terms) => terms.contract === contract);
  const direction = ledgerDirection(side, body.direction);
  const wish = { ...body, direction, contract, paidAtMs, by, override: override ?? received(side) };
  const around = { nowMs: revenue.clock.nowMs(), isHeld: revenue.arePayoutsHeld(party) };
  const pay = async () => bookedOrProblem(await payStatements(revenue.ledger, party, versions, wish, around));
  return { contract, party, pay };
}

export type Booked = Extract<PayOutcome, { readonly payment: unknown }>;

function bookedOrProblem(outcome: PayOutcome): Booked {
  switch (outcome.result) {
    case 'created':
    case 'exists':
      return outcome;
    case 'faults':
      throw new ProblemError('validation_failed', 'the payment cannot be laid on its statements', {
        errors: outcome.faults.map((fault) => ({ ...fault, code: 'unknown' })),
      });
    case 'not_due':
      throw new ProblemError('payout_not_due', `${outcome.reasons.join('; ')} (give override to pay all the same)`);
    case 'differs':
      throw transferExists(outcome.how);
  }
}

export function paymentView({ by: _by, allocations, ...payment }: Booked['payment'], side: LedgerSide) {
  const direction = ledgerDirection(side, payment.direction);
  return { ...payment, direction, allocations: allocations.map((one) => ({ ...one })) };
}

/** A ledger calls `out` what settles it: of a funder that is money that comes in. The way there is the way back. */
function ledgerDirection({ settles }: LedgerSide, direction: 'out' | 'in'): 'out' | 'in' {
  return direction === settles ? 'out' : 'in';
}

/** Money that has come in is a fact: nothing on our side can hold it up. */
function received({ kind }: LedgerSide): string | null {
  return kind === 'funder' ? 'received' : null;
}

const PAYS = {
  partner:
    'Pays statements that are accepted, and invoiced where the contract asks for it; the payout of a suspended partner is held. ' +
    'Audited as payment.book. Roles: finance.',
  funder:
    'direction in: the funder has paid, whether its statement is accepted or not; out: given back to it. ' +
    'Audited as payment.book. Roles: finance.',
} as const;

function postRoute(side: LedgerSide) {
  return createRoute({
    method: 'post',
    path: `${side.path}/payments`,
    operationId: operationIdOn(side, 'bookPayment'),
    tags: ['Revenue'],
    summary: side.kind === 'partner' ? 'Book a payment' : 'Book what a funder has paid us',
    description: PAYS[side.kind],
    request: {
      params: z.object(side.param),
      headers: reasonHeader,
      body: jsonBody(paymentRequestSchema, 'The payment'),
    },
    responses: {
      201: {
        description: 'The payment',
        headers: replayHeaders,
        content: { 'application/json': { schema: paymentSchema } },
      },
      ...problemResponses(
        ...operatorProblems,
        ...bodyProblems,
        'not_found',
        'unknown_contract',
        'payout_not_due',
        'transfer_exists',
      ),
    },
  });
}

function listRoute(side: LedgerSide) {
  return createRoute({
    method: 'get',
    path: `${side.path}/payments`,
    operationId: operationIdOn(side, 'listPayments'),
    tags: ['Revenue'],
    summary: side.kind === 'partner' ? 'Payments of a partner, oldest first' : 'Payments of a funder, oldest first',
    description: 'What went out and came back, with what it was for. Any role.',
    request: { params: z.object(side.param), query: z.strictObject(pageQuery) },
    responses: {
      200: { description: 'A page', content: { 'application/json': { schema: pageOf(paymentSchema) } } },
      ...problemResponses(...operatorProblems, 'not_found'),
    },
  });
}
