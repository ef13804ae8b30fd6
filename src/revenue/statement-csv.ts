import { statementLineOf } from './commission-line.ts';
import type { LedgerReader } from './ledger-reader.ts';
import type { Statement } from './statement.ts';
import type { StatementLine } from './statement-line.ts';
import { statementLinesCsv } from './statement-lines-csv.ts';

/** Rows gathered before they are passed on: many small chunks cost more than the rows. */
const CHUNK_CHARACTERS = 16_384;

/** The CSV file of a statement in UTF-8, read from the ledger page by page. */
export async function* statementCsv(
  reader: LedgerReader,
  partnerId: string,
  { contract, period }: Statement,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let chunk = '';
  for await (const row of statementLinesCsv(linesOf(reader, partnerId, contract, period.id))) {
    chunk += row;
    if (chunk.length < CHUNK_CHARACTERS) continue;
    yield encoder.encode(chunk);
    chunk = '';
  }
  yield encoder.encode(chunk);
}

async function* linesOf(
  reader: LedgerReader,
  partnerId: string,
  contract: string,
  period: string,
): AsyncGenerator<StatementLine> {
  for await (const line of reader.linesOfPeriod(partnerId, contract, period)) yield statementLineOf(line);
}
