import { createRoute, z } from '@hono/zod-openapi';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import type { Registry } from '../../../registry/registry.ts';
import type { RevenueDesk } from '../../../revenue/revenue-desk.ts';
import { langQuery, statementFileAnswers } from '../../statements/statement-answers.ts';
import { linesDownload, statementPrintout } from '../../statements/statement-downloads.ts';
import type { PartnerDoor } from '../partner-deps.ts';
import { ownStatement } from './own-statement.ts';

const params = z.object({ id: pathIdSchema('stm') });
const problems = problemResponses(...signedProblems, 'not_found');

const csvRoute = createRoute({
  method: 'get',
  path: '/v1/statements/{id}/lines.csv',
  operationId: 'downloadStatementLines',
  tags: ['Revenue'],
  summary: 'Lines of a statement as CSV',
  description: 'RFC 4180 in UTF-8, amounts as decimals of major units. `sha256sum` of the file is lines_sha256.',
  request: { params },
  responses: { 200: statementFileAnswers.csv, ...problems },
});

const xlsxRoute = createRoute({
  method: 'get',
  path: '/v1/statements/{id}/lines.xlsx',
  operationId: 'downloadStatementWorkbook',
  tags: ['Revenue'],
  summary: 'Lines of a statement as an Excel workbook',
  description:
    'The columns of the CSV, money as numbers, no formulas. Of any length; a new sheet begins after 1 048 576 rows.',
  request: { params },
  responses: { 200: statementFileAnswers.xlsx, ...problems },
});

const printRoute = createRoute({
  method: 'get',
  path: '/v1/statements/{id}/print',
  operationId: 'printStatement',
  tags: ['Revenue'],
  summary: 'A statement as a page to print and file',
  description: 'A4, in Chinese or English: the parties, the account, held commissions, the lines by rule, the proof.',
  request: { params, query: z.strictObject(langQuery) },
  responses: { 200: statementFileAnswers.print, ...problems },
});

export interface StatementFilesDeps {
  readonly revenue: RevenueDesk;
  readonly intake: { readonly registry: () => Registry };
  readonly publicUrl: string;
}

/** `GET /v1/statements/{id}/lines.csv`, `…/lines.xlsx`, `…/print`. */
export function registerGetStatementFiles(door: PartnerDoor, { revenue, intake, publicUrl }: StatementFilesDeps): void {
  door.openapi(csvRoute, async (c) => {
    const partner = partyOf(c);
    const { statement } = await ownStatement(revenue, partner.id, c.req.valid('param').id);
    return linesDownload(revenue, partner.id, statement, 'csv');
  });

  door.openapi(xlsxRoute, async (c) => {
    const partner = partyOf(c);
    const { statement } = await ownStatement(revenue, partner.id, c.req.valid('param').id);
    return linesDownload(revenue, partner.id, statement, 'xlsx');
  });

  door.openapi(printRoute, async (c) => {
    const partner = partyOf(c);
    const standing = await ownStatement(revenue, partner.id, c.req.valid('param').id);
    const { lang } = c.req.valid('query');
    const accept = c.req.header('accept-language');
    return statementPrintout(revenue, intake.registry(), partner.id, standing, { lang, accept, publicUrl });
  });
}
