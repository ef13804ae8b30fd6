import { createRoute, z } from '@hono/zod-openapi';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { ProblemError } from '../../../http/problem.ts';
import { operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { readStanding, type StatementStanding } from '../../../revenue/settlement/read-standing.ts';
import { langQuery, statementFileAnswers } from '../../statements/statement-answers.ts';
import { linesDownload, statementPrintout } from '../../statements/statement-downloads.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';
import { contractsOn, type LedgerSide, operationIdOn, PARTNER_SIDE } from './ledger-side.ts';

const problems = problemResponses(...operatorProblems, 'not_found');

type Deps = Pick<OperatorDeps, 'revenue' | 'registry' | 'publicUrl'>;

/** `GET …/statements/{statement}/lines.csv`, `…/lines.xlsx`, `…/print`: the files of those without an API. */
export function registerPartnerStatementFiles(
  door: OperatorDoor,
  { revenue, registry, publicUrl }: Deps,
  side: LedgerSide = PARTNER_SIDE,
): void {
  const { partyOf } = side;
  const standingOf = async (named: string, id: string): Promise<StatementStanding> => {
    contractsOn(side, revenue, named);
    const standing = (await readStanding(revenue.ledger, partyOf(named))).byId.get(id);
    if (standing === undefined) throw new ProblemError('not_found', `${named} has no such statement`);
    return standing;
  };

  door.openapi(csvRoute(side), async (c) => {
    const { id, statement } = c.req.valid('param');
    return linesDownload(revenue, partyOf(id), (await standingOf(id, statement)).statement, 'csv');
  });

  door.openapi(xlsxRoute(side), async (c) => {
    const { id, statement } = c.req.valid('param');
    return linesDownload(revenue, partyOf(id), (await standingOf(id, statement)).statement, 'xlsx');
  });

  door.openapi(printRoute(side), async (c) => {
    const { id, statement } = c.req.valid('param');
    const standing = await standingOf(id, statement);
    const { lang } = c.req.valid('query');
    const accept = c.req.header('accept-language');
    return statementPrintout(revenue, registry(), partyOf(id), standing, { lang, accept, publicUrl });
  });
}

function csvRoute(side: LedgerSide) {
  return createRoute({
    method: 'get',
    path: `${side.path}/statements/{statement}/lines.csv`,
    operationId: operationIdOn(side, 'downloadPartnerStatementLines'),
    tags: ['Revenue'],
    summary: `Lines of a statement as CSV: of ${side.one}`,
    description: `What ${side.one} downloads, or is sent. Any role.`,
    request: { params: paramsOn(side) },
    responses: { 200: statementFileAnswers.csv, ...problems },
  });
}

function xlsxRoute(side: LedgerSide) {
  return createRoute({
    method: 'get',
    path: `${side.path}/statements/{statement}/lines.xlsx`,
    operationId: operationIdOn(side, 'downloadPartnerStatementWorkbook'),
    tags: ['Revenue'],
    summary: `Lines of a statement as an Excel workbook: of ${side.one}`,
    description: `What ${side.one} downloads, or is sent. Any role.`,
    request: { params: paramsOn(side) },
    responses: { 200: statementFileAnswers.xlsx, ...problems },
  });
}

function printRoute(side: LedgerSide) {
  return createRoute({
    method: 'get',
    path: `${side.path}/statements/{statement}/print`,
    operationId: operationIdOn(side, 'printPartnerStatement'),
    tags: ['Revenue'],
    summary: `A statement as a page to print and file: of ${side.one}`,
    description: `What ${side.one} prints, or is sent. Any role.`,
    request: { params: paramsOn(side), query: z.strictObject(langQuery) },
    responses: { 200: statementFileAnswers.print, ...problems },
  });
}

function paramsOn({ param }: LedgerSide) {
  return z.object({
    ...param,
    statement: pathIdSchema('stm').openapi({ description: 'Statement', param: { name: 'statement', in: 'path' } }),
  });
}
