import type { LedgerReader } from './ledger-reader.ts';
import type { Statement } from './statement.ts';
import { statementLines } from './statement-basis.ts';
import { statementLinesCsv } from './statement-lines-csv.ts';
import { textInChunks } from './text-in-chunks.ts';

/** The CSV file of a statement in UTF-8, read from the ledger page by page. */
export function statementCsv(
  reader: LedgerReader,
  partnerId: string,
  statement: Statement,
): AsyncGenerator<Uint8Array> {
  return textInChunks(statementLinesCsv(statementLines(reader, partnerId, statement)));
}

/**
 * A statement with its `lines` as JSON in UTF-8, read from the ledger page by page: what `sluice ledger verify` takes.
 * @param view the statement as the API shows it, without lines
 */
export function statementWithLines(
  reader: LedgerReader,
  partnerId: string,
  view: Statement,
): AsyncGenerator<Uint8Array> {
  return textInChunks(jsonParts(reader, partnerId, view));
}

async function* jsonParts(reader: LedgerReader, partnerId: string, view: Statement): AsyncGenerator<string> {
  yield `${JSON.stringify(view).slice(0, -1)},"lines":[`;
  let separator = '';
  for await (const line of statementLines(reader, partnerId, view)) {
    yield separator + JSON.stringify(line);
    separator = ',';
  }
  yield ']}';
}
