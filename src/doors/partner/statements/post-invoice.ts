import { createRoute, z } from '@hono/zod-openapi';
import { bookDaySchema, pathIdSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { ProblemError } from '../../../http/problem.ts';
import { bodyProblems, problemResponses, replayHeaders, signedProblems } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import { contractPeriodById } from '../../../revenue/contract-calendar.ts';
import type { RevenueDesk } from '../../../revenue/revenue-desk.ts';
import { handInInvoice } from '../../../revenue/settlement/hand-in-invoice.ts';
import { INVOICE_KINDS } from '../../../revenue/settlement/settlement.ts';
import type { Statement } from '../../../revenue/statement.ts';
import { termsOfPeriod } from '../../../revenue/statement-basis.ts';
import { statementSchema } from '../../schemas/statement-schema.ts';
import { statementView } from '../../schemas/statement-view.ts';
import { inputProblem } from '../input-problem.ts';
import type { PartnerDoor } from '../partner-deps.ts';
import { ownStatement } from './own-statement.ts';

const minor = (description: string, example: number) =>
  z.int().openapi({ description: `${description}, minor units; negative on a credit note (红字)`, example });

const requestSchema = z
  .strictObject({
    number: z
      .string()
      .trim()
      .min(1)
      .max(64)
      .openapi({ description: 'As printed on it; unique among yours', example: '24512000000012345678' }),
    kind: z
      .enum(INVOICE_KINDS)
      .openapi({ description: 'VAT special or ordinary, receipt, other', example: 'vat_special' }),
    issued_on: bookDaySchema.openapi({ description: 'Its date', example: '2026-02-11' }),
    net: minor('Without tax', 988000),
    tax_rate: z
      .string()
      .regex(/^(0(\.\d{1,10})?|1)$/, 'must be a fraction in quotes such as "0.06"')
      .openapi({ description: 'Fraction', example: '0.06' }),
    tax: minor('Tax', 59280),
    gross: minor('Net + tax', 1047280),
  })
  .openapi('InvoiceRequest', { description: 'An invoice' });

const route = createRoute({
  method: 'post',
  path: '/v1/statements/{id}/invoices',
  operationId: 'handInInvoice',
  tags: ['Revenue'],
  summary: 'Hand in the invoice for an accepted statement',
  description: 'Its figures must be the statement’s, with those of the statements carried into it, to the minor unit.',
  request: { params: z.object({ id: pathIdSchema('stm') }), body: jsonBody(requestSchema, 'The invoice') },
  responses: {
    201: {
      description: 'The statement',
      headers: replayHeaders,
      content: { 'application/json': { schema: statementSchema } },
    },
    ...problemResponses(...signedProblems, ...bodyProblems, 'not_found', 'statement_not_open', 'invoice_exists'),
  },
});

/** `POST /v1/statements/{id}/invoices`. */
export function registerPostInvoice(door: PartnerDoor, { revenue }: { readonly revenue: RevenueDesk }): void {
  door.openapi(route, async (c) => {
    const { id: partnerId } = partyOf(c);
    const { id } = c.req.valid('param');
    const termsOf = (statement: Statement) => termsOfStatement(revenue, partnerId, statement);
    const around = { termsOf, nowMs: revenue.clock.nowMs() };
    const outcome = await handInInvoice(revenue.ledger, partnerId, id, c.req.valid('json'), around);
    addLogFields(c, { statement_id: id, result: outcome.result });
    switch (outcome.result) {
      case 'unknown':
        throw new ProblemError('not_found');
      case 'not_accepted':
        throw new ProblemError('statement_not_open', `the statement is ${outcome.status}; accept it first`);
      case 'another_stands':
        throw new ProblemError('invoice_exists', `invoice ${outcome.number} stands for this statement`);
      case 'number_used':
        throw new ProblemError('invoice_exists', `this number stands for statement ${outcome.statementId}`);
      case 'faults':
        throw inputProblem(
          outcome.faults.map(({ field, message }) => ({ pointer: `/${field}`, code: 'differs', message })),
        );
      case 'verified':
      case 'exists': {
        const standing = await ownStatement(revenue, partnerId, id);
        const headers: Record<string, string> = outcome.result === 'exists' ? { 'Idempotent-Replayed': 'true' } : {};
        return c.json(statementView(standing, revenue.sign), 201, headers);
      }
    }
  });
}

/** The version that governs a statement's period. */
function termsOfStatement({ contractsOf }: RevenueDesk, partnerId: string, { contract, period }: Statement) {
  const versions = (contractsOf(partnerId) ?? []).filter((terms) => terms.contract === contract);
  const found = versions.length === 0 ? null : contractPeriodById(versions, period.id);
  if (found === null)
    throw new ProblemError('unknown_contract', `contract ${contract} is no longer in the partner's file`);
  return termsOfPeriod(versions, found);
}
