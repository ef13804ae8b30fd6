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
import { contractNamed, contractsOfPartner, partnerParam } from '../revenue/known-partner.ts';

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

const requestSchema = z
  .strictObject({
    contract: z
      .string()
      .max(64)
      .optional()
      .openapi({ description: 'May be left out where the partner has one', example: 'main' }),
    direction: z.enum(['out', 'in']).openapi({ description: 'out: to the partner; in: back from it', example: 'out' }),
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

const paymentSchema = z
  .object({
    id: idSchema('pay'),
    contract: z.string().openapi({ description: 'Contract', example: 'main' }),
    currency: z.string().openapi({ description: 'ISO 4217', example: 'CNY' }),
    direction: z.enum(['out', 'in']).openapi({ description: 'out: to the partner', example: 'out' }),
    amount: minor('What moved', 1047280),
    withheld: minor('Paid to the tax office instead', 0),
    paid_at: instantSchema.openapi({ description: 'When the bank moved it' }),
    reference: z.string().openapi({ description: 'Of the bank', example: 'BOC-2026-02-12-0007' }),
    allocations: z.array(allocationSchema).openapi({ description: 'What it was for' }),
    period: dateSchema.openapi({ description: 'Period that counts it', example: '2026-02-01' }),
    booked_at: instantSchema.openapi({ description: 'When it was booked' }),
  })
  .openapi('Payment', { description: 'A payment' });

const params = z.object(partnerParam);

const postRoute = createRoute({
  method: 'post',
  path: '/admin/v1/partners/{id}/payments',
  operationId: 'bookPayment',
  tags: ['Revenue'],
  summary: 'Book a payment',
  description:
    'Pays statements that are accepted, and invoiced where the contract asks for it; the payout of a suspended partner is held. ' +
    'Audited as payment.book. Roles: finance.',
  request: { params, headers: reasonHeader, body: jsonBody(requestSchema, 'The payment') },
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

const listRoute = createRoute({
  method: 'get',
  path: '/admin/v1/partners/{id}/payments',
  operationId: 'listPayments',
  tags: ['Revenue'],
  summary: 'Payments of a partner, oldest first',
  description: 'What went out and came back, with what it was for. Any role.',
  request: { params, query: z.strictObject(pageQuery) },
  responses: {
    200: { description: 'A page', content: { 'application/json': { schema: pageOf(paymentSchema) } } },
    ...problemResponses(...operatorProblems, 'not_found'),
  },
});

type Deps = Pick<OperatorDeps, 'revenue' | 'audit' | 'logger'>;

/** `POST` and `GET /admin/v1/partners/{id}/payments`. */
export function registerPayments(door: OperatorDoor, deps: Deps): void {
  const { revenue } = deps;
  door.openapi(postRoute, async (c) => {
    const { name: by } = partyOf(c);
    const { id } = c.req.valid('param');
    const { contract: named, paid_at, override = null, ...body } = c.req.valid('json');
    const contracts = contractsOfPartner(revenue, id);
    const contract = contractNamed(contracts, named);
    const paidAtMs = msOf(paid_at);
    if (paidAtMs > revenue.clock.nowMs()) {
      const errors = [{ pointer: '/paid_at', code: 'in_future', message: 'has not come yet' }];
      throw new ProblemError('validation_failed', 'a payment is booked once it has moved', { errors });
    }
    const versions = contracts.filter((terms) => terms.contract === contract);
    const wish = { ...body, contract, paidAtMs, by, override };
    const around = { nowMs: revenue.clock.nowMs(), isHeld: revenue.arePayoutsHeld(id) };
    addLogFields(c, { partner: id, contract });
    const what = {
      action: 'payment.book',
      object: { kind: 'payment', id: `${id}/${contract}/${body.reference}` },
      ...(override === null ? {} : { reason: override }),
      after: ({ payment }: Booked) => ({ ...payment, allocations: payment.allocations.length }),
    };
    const { payment, result } = await audited(c, deps, what, async () =>
      bookedOrProblem(await payStatements(revenue.ledger, id, versions, wish, around)),
    );
    const headers: Record<string, string> = result === 'exists' ? { 'Idempotent-Replayed': 'true' } : {};
    return c.json(paymentView(payment), 201, headers);
  });

  door.openapi(listRoute, async (c) => {
    const { id } = c.req.valid('param');
    contractsOfPartner(revenue, id);
    const { payments } = await readStanding(revenue.ledger, id);
    const keyOf = ({ paid_at, id: payment }: (typeof payments)[number]) => `${paid_at} ${payment}`;
    const page = pageOfList(payments, keyOf, c.req.valid('query'));
    return c.json({ ...page, data: page.data.map(paymentView) }, 200);
  });
}

type Booked = Extract<PayOutcome, { readonly payment: unknown }>;

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
      throw new ProblemError('transfer_exists', outcome.how.replaceAll('_', ' '));
  }
}

function paymentView({ by: _by, allocations, ...payment }: Booked['payment']) {
  return { ...payment, allocations: allocations.map((one) => ({ ...one })) };
}
