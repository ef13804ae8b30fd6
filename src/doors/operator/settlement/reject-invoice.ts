import { createRoute, z } from '@hono/zod-openapi';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { ProblemError } from '../../../http/problem.ts';
import { bodyProblems, operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { rejectInvoice } from '../../../revenue/settlement/hand-in-invoice.ts';
import { readStanding } from '../../../revenue/settlement/read-standing.ts';
import { statementSchema } from '../../schemas/statement-schema.ts';
import { statementView } from '../../schemas/statement-view.ts';
import { audited } from '../audited.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';
import { contractsOfPartner, partnerParam } from '../revenue/known-partner.ts';

const requestSchema = z
  .strictObject({
    number: z
      .string()
      .trim()
      .min(1)
      .max(64)
      .openapi({ description: 'Number of the invoice', example: '24512000000012345678' }),
    reason: z
      .string()
      .trim()
      .min(1)
      .max(500)
      .openapi({ description: 'Why; the partner reads it', example: 'The title is not ours' }),
  })
  .openapi('InvoiceRejection', { description: 'An invoice that is wrong' });

const route = createRoute({
  method: 'post',
  path: '/admin/v1/partners/{id}/statements/{statement}/invoices/reject',
  operationId: 'rejectInvoice',
  tags: ['Revenue'],
  summary: 'Reject an invoice',
  description: 'Another may be handed in then. Audited as invoice.reject. Roles: finance.',
  request: {
    params: z.object({
      ...partnerParam,
      statement: pathIdSchema('stm').openapi({ description: 'Statement', param: { name: 'statement', in: 'path' } }),
    }),
    body: jsonBody(requestSchema, 'Which, and why'),
  },
  responses: {
    200: { description: 'The statement', content: { 'application/json': { schema: statementSchema } } },
    ...problemResponses(...operatorProblems, ...bodyProblems, 'not_found'),
  },
});

/** `POST /admin/v1/partners/{id}/statements/{statement}/invoices/reject`. */
export function registerRejectInvoice(
  door: OperatorDoor,
  deps: Pick<OperatorDeps, 'revenue' | 'audit' | 'logger'>,
): void {
  const { revenue } = deps;
  door.openapi(route, async (c) => {
    const { id, statement } = c.req.valid('param');
    const { number, reason } = c.req.valid('json');
    contractsOfPartner(revenue, id);
    const what = { action: 'invoice.reject', object: { kind: 'invoice', id: `${statement}/${number}` }, reason };
    await audited(c, deps, what, async () => {
      const wish = { number, reason };
      const isRejected = await rejectInvoice(revenue.ledger, id, statement, wish, revenue.clock.nowMs());
      if (!isRejected) throw new ProblemError('not_found', 'no such invoice stands for this statement');
    });
    const standing = (await readStanding(revenue.ledger, id)).byId.get(statement);
    if (standing === undefined) throw new ProblemError('not_found');
    return c.json(statementView(standing, revenue.sign), 200);
  });
}
