import { ReadableStream } from 'node:stream/web';
import type { z } from '@hono/zod-openapi';
import type { TypedResponse } from 'hono';
import { jsonMinor } from '../../revenue/commission-line.ts';
import type { RevenueDesk } from '../../revenue/revenue-desk.ts';
import { isOpen } from '../../revenue/settlement/dispute.ts';
import type { StatementStanding } from '../../revenue/settlement/read-standing.ts';
import { type CompactJwsSigner, statementPayload } from '../../revenue/sign-statement.ts';
import { statementWithLines } from '../../revenue/statement-file.ts';
import type { statementSchema } from './statement-schema.ts';

/**
 * The statement on the wire, with where it stands now. What was locked never changes and keeps the signature that it was
 * issued with; the whole, as it is shown, is signed anew each time, so that whoever gets it can check every field of it.
 */
export function statementView(
  { statement, status, settlement, disputes, share }: StatementStanding,
  sign: CompactJwsSigner,
) {
  const { jws: issuedJws = null, ...stated } = statement;
  const openDisputes = disputes.filter(isOpen).length;
  const settled = {
    due: share === undefined ? null : jsonMinor(share.due),
    paid: share === undefined ? null : jsonMinor(share.paid),
    acceptance: settlement.acceptance,
    invoices: settlement.invoices.map((invoice) => ({ ...invoice })),
    disputes: disputes.map((dispute) => ({ id: dispute.id, open: isOpen(dispute) })),
    open_disputes: openDisputes,
  };
  const shown = { ...stated, status, settlement: settled, issued_jws: issuedJws };
  return { ...shown, jws: status === 'draft' ? null : sign(statementPayload(shown)) };
}

export type StatementView = ReturnType<typeof statementView>;

/** The same with its lines, streamed: a statement may have a million of them. */
export function statementFile(
  desk: Pick<RevenueDesk, 'ledger' | 'sign'>,
  partnerId: string,
  standing: StatementStanding,
): TypedResponse<z.output<typeof statementSchema>, 200, 'json'> {
  const view = statementView(standing, desk.sign);
  const json = ReadableStream.from(statementWithLines(desk.ledger, partnerId, view));
  const answer = new Response(json, { headers: { 'content-type': 'application/json' } });
  // A type that exists for the compiler alone: what the text parses to.
  return answer as Response & TypedResponse<z.output<typeof statementSchema>, 200, 'json'>;
}
