import { ReadableStream } from 'node:stream/web';
import type { z } from '@hono/zod-openapi';
import type { TypedResponse } from 'hono';
import type { RevenueDesk } from '../../revenue/revenue-desk.ts';
import type { Statement } from '../../revenue/statement.ts';
import { statementWithLines } from '../../revenue/statement-file.ts';
import type { statementSchema } from './statement-schema.ts';

/** The statement on the wire. What is signed is passed on untouched; `jws` is there on drafts too. */
export function statementView(statement: Statement) {
  return { ...statement, jws: statement.jws ?? null };
}

/** The same with its lines, streamed: a statement may have a million of them. */
export function statementFile(
  desk: Pick<RevenueDesk, 'ledger'>,
  partnerId: string,
  statement: Statement,
): TypedResponse<z.output<typeof statementSchema>, 200, 'json'> {
  const json = ReadableStream.from(statementWithLines(desk.ledger, partnerId, statementView(statement)));
  const answer = new Response(json, { headers: { 'content-type': 'application/json' } });
  // A type that exists for the compiler alone: what the text parses to.
  return answer as Response & TypedResponse<z.output<typeof statementSchema>, 200, 'json'>;
}
