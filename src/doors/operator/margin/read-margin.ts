import { createRoute, z } from '@hono/zod-openapi';
import { currencySchema } from '../../../http/common-schemas.ts';
import { operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { jsonMinor } from '../../../revenue/commission-line.ts';
import { toDecimal } from '../../../revenue/decimal-money.ts';
import { MARGIN_BUCKETS } from '../../../revenue/margin/margin-field.ts';
import {
  MARGIN_DIMENSIONS,
  type MarginDimension,
  type MarginRow,
  marginOf,
  marginRows,
  type SideSums,
} from '../../../revenue/margin/margin-rows.ts';
import type { RevenueDesk } from '../../../revenue/revenue-desk.ts';
import type { OperatorDoor } from '../operator-deps.ts';
import { csvAnswer, csvDownload, rowsAnswer, rowsRequest } from './margin-query.ts';

const minor = (description: string, example: number) =>
  z.int().openapi({ description: `${description}, minor units`, example });

const sumsSchema = (whose: string) =>
  z
    .object({
      accruals: minor('Lines of kind accrual and true_up', 2_000_000),
      adjustments: minor('All other lines', -20_000),
      pending: minor('Held lines, in no other sum', 0),
    })
    .openapi({ description: whose });

const id = (description: string, example: string) => z.string().nullable().optional().openapi({ description, example });

const rowSchema = z
  .object({
    partner_id: id('Who introduced the applicants; null = nobody', 'acme'),
    product_id: id('Product; null = lines of no single one', 'quick-cash'),
    lender_id: id('Lender; null likewise', 'quickcredit'),
    funder_id: id('Whose money it is; null = not known, or lines of no single one', 'harbour'),
    currency: currencySchema,
    receivable: sumsSchema('What funders owe us for it'),
    commission: sumsSchema('What partners are owed for it'),
    margin: minor('Accruals and adjustments of receivable less those of commission', 480_000),
    margin_pending: minor('The same of what is held', 0),
  })
  .openapi('MarginRow', { description: 'What one business of a month leaves us, before tax' });

const request = rowsRequest(MARGIN_DIMENSIONS);
const problems = problemResponses(...operatorProblems);
const about =
  'Lines by the month in which they are payable, in the zone of their contract, late ones too; sums of the ledgers as they stand.';

const jsonRoute = createRoute({
  method: 'get',
  path: '/admin/v1/margin',
  operationId: 'readMargin',
  tags: ['Revenue'],
  summary: 'What funders owe us less what partners are owed, by business',
  description: `${about} Fields that \`by\` leaves out are absent. Roles: finance.`,
  request,
  responses: {
    200: rowsAnswer(rowSchema),
    ...problems,
  },
});

const csvRoute = createRoute({
  method: 'get',
  path: '/admin/v1/margin.csv',
  operationId: 'downloadMargin',
  tags: ['Revenue'],
  summary: 'The same as CSV',
  description: `${about} Amounts in major units. Roles: finance.`,
  request,
  responses: { 200: csvAnswer, ...problems },
});

/** `GET /admin/v1/margin`, `/admin/v1/margin.csv`. */
export function registerReadMargin(door: OperatorDoor, { revenue }: { readonly revenue: RevenueDesk }): void {
  door.openapi(jsonRoute, async (c) => {
    const { month, by } = c.req.valid('query');
    const rows = await marginRows(revenue.ledger, revenue.partners(), month, by);
    return c.json({ month, data: rows.map(rowView) }, 200);
  });

  door.openapi(csvRoute, async (c) => {
    const { month, by } = c.req.valid('query');
    const rows = await marginRows(revenue.ledger, revenue.partners(), month, by);
    return csvDownload(`margin-${month}`, [headerOf(by), ...rows.map((row) => cellsOf(row, by))]);
  });
}

function rowView({ business, currency, receivable, commission }: MarginRow) {
  const ids = Object.fromEntries(Object.entries(business).map(([dimension, value]) => [`${dimension}_id`, value]));
  return {
    ...ids,
    currency,
    receivable: sumsView(receivable),
    commission: sumsView(commission),
    margin: jsonMinor(marginOf({ receivable, commission })),
    margin_pending: jsonMinor(receivable.pending - commission.pending),
  };
}

function sumsView({ accruals, adjustments, pending }: SideSums) {
  return { accruals: jsonMinor(accruals), adjustments: jsonMinor(adjustments), pending: jsonMinor(pending) };
}

function headerOf(by: readonly MarginDimension[]): string[] {
  const sides = ['receivable', 'commission'].flatMap((side) => MARGIN_BUCKETS.map((bucket) => `${side}_${bucket}`));
  return [...by.map((dimension) => `${dimension}_id`), 'currency', ...sides, 'margin', 'margin_pending'];
}

function cellsOf({ business, currency, receivable, commission }: MarginRow, by: readonly MarginDimension[]): string[] {
  const money = [receivable, commission].flatMap((side) => MARGIN_BUCKETS.map((bucket) => side[bucket]));
  money.push(marginOf({ receivable, commission }), receivable.pending - commission.pending);
  return [
    ...by.map((dimension) => business[dimension] ?? ''),
    currency,
    ...money.map((sum) => toDecimal(sum, currency)),
  ];
}
