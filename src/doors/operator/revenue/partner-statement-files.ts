import { createRoute, z } from '@hono/zod-openapi';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { ProblemError } from '../../../http/problem.ts';
import { operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { readStanding, type StatementStanding } from '../../../revenue/settlement/read-standing.ts';
import { langQuery, statementFileAnswers } from '../../statements/statement-answers.ts';
import { linesDownload, statementPrintout } from '../../statements/statement-downloads.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';
import { contractsOfPartner, partnerParam } from './known-partner.ts';

const params = z.object({
  ...partnerParam,
  statement: pathIdSchema('stm').openapi({ description: 'Statement', param: { name: 'statement', in: 'path' } }),
});
const problems = problemResponses(...operatorProblems, 'not_found');
const PATH = '/admin/v1/partners/{id}/statements/{statement}';

const csvRoute = createRoute({
  method: 'get',
  path: `${PATH}/lines.csv`,
  operationId: 'downloadPartnerStatementLines',
  tags: ['Revenue'],
  summary: 'Lines of a partner’s statement as CSV',
  description: 'What the partner downloads. Any role.',
  request: { params },
  responses: { 200: statementFileAnswers.csv, ...problems },
});

const xlsxRoute = createRoute({
  method: 'get',
  path: `${PATH}/lines.xlsx`,
  operationId: 'downloadPartnerStatementWorkbook',
  tags: ['Revenue'],
  summary: 'Lines of a partner’s statement as an Excel workbook',
  description: 'What the partner downloads. Any role.',
  request: { params },
  responses: { 200: statementFileAnswers.xlsx, ...problems },
});

const printRoute = createRoute({
  method: 'get',
  path: `${PATH}/print`,
  operationId: 'printPartnerStatement',
  tags: ['Revenue'],
  summary: 'A partner’s statement as a page to print and file',
  description: 'What the partner prints. Any role.',
  request: { params, query: z.strictObject(langQuery) },
  responses: { 200: statementFileAnswers.print, ...problems },
});

type Deps = Pick<OperatorDeps, 'revenue' | 'registry' | 'publicUrl'>;

/** `GET …/statements/{statement}/lines.csv`, `…/lines.xlsx`, `…/print`: the files of a partner without an API. */
export function registerPartnerStatementFiles(door: OperatorDoor, { revenue, registry, publicUrl }: Deps): void {
  const standingOf = async (partnerId: string, id: string): Promise<StatementStanding> => {
    contractsOfPartner(revenue, partnerId);
    const standing = (await readStanding(revenue.ledger, partnerId)).byId.get(id);
    if (standing === undefined) throw new ProblemError('not_found', `${partnerId} has no such statement`);
    return standing;
  };

  door.openapi(csvRoute, async (c) => {
    const { id, statement } = c.req.valid('param');
    return linesDownload(revenue, id, (await standingOf(id, statement)).statement, 'csv');
  });

  door.openapi(xlsxRoute, async (c) => {
    const { id, statement } = c.req.valid('param');
    return linesDownload(revenue, id, (await standingOf(id, statement)).statement, 'xlsx');
  });

  door.openapi(printRoute, async (c) => {
    const { id, statement } = c.req.valid('param');
    const standing = await standingOf(id, statement);
    const { lang } = c.req.valid('query');
    const accept = c.req.header('accept-language');
    return statementPrintout(revenue, registry(), id, standing, { lang, accept, publicUrl });
  });
}
