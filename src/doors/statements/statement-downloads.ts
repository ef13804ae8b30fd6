import { ReadableStream } from 'node:stream/web';
import { funderOf } from '../../base/ledger-party.ts';
import { pageLanguage } from '../../http/accept-language.ts';
import type { Registry } from '../../registry/registry.ts';
import type { RevenueDesk } from '../../revenue/revenue-desk.ts';
import type { StatementStanding } from '../../revenue/settlement/read-standing.ts';
import type { Statement } from '../../revenue/statement.ts';
import { statementLines } from '../../revenue/statement-basis.ts';
import { statementCsv } from '../../revenue/statement-file.ts';
import { statementLinesXlsx } from '../../revenue/statement-lines-xlsx.ts';
import { summariseLines } from '../../revenue/summarise-lines.ts';
import { type PrintedStatement, printStatement } from './print-statement.ts';

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
  return printStatement({
    ...partiesOf(registry, partnerId, statement),
    standing,
    sums: await summariseLines(ledger.linesOfPeriod(partnerId, statement.contract, statement.period.id)),
    language: pageLanguage(lang, accept),
    jwksUrl: `${publicUrl}/.well-known/jwks.json`,
    printedAtMs: Date.now(),
  });
}

/** Who pays whom: we a partner, or a funder us. */
function partiesOf(
  { operator, traffic, funders }: Registry,
  partyId: string,
  { payer, contract }: Statement,
): Pick<PrintedStatement, 'payer' | 'payee'> {
  const entityOf = (id: string | undefined) => operator.legal_entities.find((entity) => entity.id === id);
  const funderId = funderOf(partyId);
  if (funderId === null) {
    return { payer: entityOf(payer), payee: traffic.get(partyId) ?? { id: partyId, name: partyId, payee: undefined } };
  }
  const funder = funders.get(funderId);
  const collector = funder?.terms.find((terms) => terms.contract === contract)?.payee ?? '';
  const entity = entityOf(collector);
  return {
    payer: { legal_name: funder?.name ?? funderId },
    payee: { id: collector, name: entity?.legal_name ?? collector, payee: undefined },
  };
}
