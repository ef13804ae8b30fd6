import { ReadableStream } from 'node:stream/web';
import { pageLanguage } from '../../http/accept-language.ts';
import type { Registry } from '../../registry/registry.ts';
import type { RevenueDesk } from '../../revenue/revenue-desk.ts';
import type { StatementStanding } from '../../revenue/settlement/read-standing.ts';
import type { Statement } from '../../revenue/statement.ts';
import { statementLines } from '../../revenue/statement-basis.ts';
import { statementCsv } from '../../revenue/statement-file.ts';
import { statementLinesXlsx } from '../../revenue/statement-lines-xlsx.ts';
import { summariseLines } from '../../revenue/summarise-lines.ts';
import { printStatement } from './print-statement.ts';

export type LinesFormat = 'csv' | 'xlsx';

const TYPES: Readonly<Record<LinesFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** The lines of a statement as a file, written while they are read. */
export function linesDownload(
  { ledger }: Pick<RevenueDesk, 'ledger'>,
  partnerId: string,
  statement: Statement,
  format: LinesFormat,
): Response {
  const body =
    format === 'csv'
      ? ReadableStream.from(statementCsv(ledger, partnerId, statement))
      : statementLinesXlsx(statementLines(ledger, partnerId, statement), statement.currency);
  const name = `${statement.id}.${format}`;
  return new Response(body, {
    headers: { 'content-type': TYPES[format], 'content-disposition': `attachment; filename="${name}"` },
  });
}

/** A statement as a page to print. @param lang `?lang=`, else `accept` decides */
export async function statementPrintout(
  { ledger }: Pick<RevenueDesk, 'ledger'>,
  registry: Registry,
  partnerId: string,
  standing: StatementStanding,
  {
    lang,
    accept,
    publicUrl,
  }: { readonly lang: string | undefined; readonly accept: string | undefined; readonly publicUrl: string },
): Promise<Response> {
  const { statement } = standing;
  const partner = registry.traffic.get(partnerId);
  return printStatement({
    standing,
    sums: await summariseLines(ledger.linesOfPeriod(partnerId, statement.contract, statement.period.id)),
    payer: registry.operator.legal_entities.find(({ id }) => id === statement.payer),
    payee: partner ?? { id: partnerId, name: partnerId, payee: undefined },
    language: pageLanguage(lang, accept),
    jwksUrl: `${publicUrl}/.well-known/jwks.json`,
    printedAtMs: Date.now(),
  });
}
