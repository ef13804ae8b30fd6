import { createRoute, z } from '@hono/zod-openapi';
import { jsonBody } from '../../../http/json-body.ts';
import { ProblemError } from '../../../http/problem.ts';
import { bodyProblems, operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import { audited, reasonHeader } from '../audited.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';
import { contractsOn, type LedgerSide, operationIdOn, PARTNER_SIDE } from '../revenue/ledger-side.ts';
import { type PaymentRequest, paymentOf, paymentRequestSchema, paymentSchema, paymentView } from './payments.ts';

const BATCH_MAX = 500;

const batchSchema = z
  .strictObject({
    payments: z.array(paymentRequestSchema).min(1).max(BATCH_MAX).openapi({ description: 'In the order of booking' }),
  })
  .openapi('PaymentBatchRequest', { description: 'Payments of a bank file' });

const rowSchema = z.object({
  index: z.int().openapi({ description: 'Place in the request, from 0', example: 0 }),
  reference: z.string().openapi({ description: 'Of the bank', example: 'BOC-2026-02-12-0007' }),
  result: z
    .enum(['created', 'exists', 'rejected'])
    .openapi({ description: 'exists: it was booked before; rejected: nothing was booked for it', example: 'created' }),
  payment: paymentSchema.nullable().openapi({ description: 'As it is booked; null when rejected' }),
  code: z.string().nullable().openapi({ description: 'Code of the problem when rejected', example: 'payout_not_due' }),
  detail: z.string().nullable().openapi({ description: 'What is wrong', example: 'stm_1 is not accepted' }),
  how: z.string().nullable().openapi({
    description: 'With code transfer_exists: in what it differs from what was booked',
    example: 'exists_with_different_amount',
  }),
});

const answerSchema = z
  .object({
    created: z.int().openapi({ description: 'How many were booked', example: 12 }),
    exists: z.int().openapi({ description: 'How many had been booked before', example: 0 }),
    rejected: z.int().openapi({ description: 'How many were not', example: 1 }),
    results: z.array(rowSchema).openapi({ description: 'One a payment, in their order' }),
  })
  .openapi('PaymentBatch', { description: 'What became of each payment' });
type Row = z.output<typeof rowSchema>;

type Deps = Pick<OperatorDeps, 'revenue' | 'audit' | 'logger'>;

/** `POST /admin/v1/partners/{id}/payments/batch`, and of a funder. */
export function registerPaymentBatch(door: OperatorDoor, deps: Deps, side: LedgerSide = PARTNER_SIDE): void {
  door.openapi(routeOn(side), async (c) => {
    const { name: by } = partyOf(c);
    const { id } = c.req.valid('param');
    const { payments } = c.req.valid('json');
    contractsOn(side, deps.revenue, id);
    addLogFields(c, { [side.kind]: id, payments: payments.length });
    const what = {
      action: 'payment.book_batch',
      object: { kind: 'payments', id: side.partyOf(id) },
      before: { payments: payments.length },
      after: ({ created, exists, rejected, results }: z.output<typeof answerSchema>) => ({
        created,
        exists,
        rejected,
        references: results.flatMap(({ result, reference }) => (result === 'created' ? [reference] : [])).join(' '),
      }),
    };
    const answer = await audited(c, deps, what, async () => {
      const results: Row[] = [];
      // One after the other: the first pays the oldest statement, the next what that has left.
      for (const [index, payment] of payments.entries()) {
        results.push({ index, reference: payment.reference, ...(await bookRow(deps, side, id, payment, by)) });
      }
      const count = (result: Row['result']) => results.filter((row) => row.result === result).length;
      return { created: count('created'), exists: count('exists'), rejected: count('rejected'), results };
    });
    return c.json(answer, 200);
  });
}

/** Books one, or says why not: the rows of a bank file stand for money that moved, whatever is wrong with another row. */
async function bookRow(
  deps: Deps,
  side: LedgerSide,
  id: string,
  request: PaymentRequest,
  by: string,
): Promise<Omit<Row, 'index' | 'reference'>> {
  const none = { payment: null, code: null, detail: null, how: null };
  try {
    const { payment, result } = await paymentOf(deps, side, id, request, by).pay();
    return { ...none, result, payment: paymentView(payment, side) };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const { code, message, members, errors = [] } = error;
    const faults = errors.map((fault) => `${fault.pointer} ${fault.message}`);
    const how = typeof members?.how === 'string' ? members.how : null;
    return { ...none, result: 'rejected', code, detail: [message, ...faults].join('; '), how };
  }
}

function routeOn(side: LedgerSide) {
  return createRoute({
    method: 'post',
    path: `${side.path}/payments/batch`,
    operationId: operationIdOn(side, 'bookPayments'),
    tags: ['Revenue'],
    summary:
      side.kind === 'partner' ? 'Book payments of a bank file' : 'Book what a funder has paid us, a bank file at once',
    description:
      `Up to ${BATCH_MAX}, each by itself: a row that is rejected holds up no other, and the same file again books nothing twice. ` +
      'Audited as payment.book_batch. Roles: finance.',
    request: { params: z.object(side.param), headers: reasonHeader, body: jsonBody(batchSchema, 'The payments') },
    responses: {
      200: { description: 'What became of each', content: { 'application/json': { schema: answerSchema } } },
      ...problemResponses(...operatorProblems, ...bodyProblems, 'not_found'),
    },
  });
}
