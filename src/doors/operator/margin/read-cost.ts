import { createRoute, z } from '@hono/zod-openapi';
import { operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { jsonMinor } from '../../../revenue/commission-line.ts';
import { toDecimal } from '../../../revenue/decimal-money.ts';
import { FundingStore } from '../../../revenue/funding/funding-store.ts';
import {
  COST_DIMENSIONS,
  type CostDimension,
  type CostPer,
  type CostRow,
  costPer,
  costRows,
} from '../../../revenue/margin/cost-rows.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';
import { csvAnswer, csvDownload, rowsAnswer, rowsRequest } from './margin-query.ts';

const perSchema = (whom: string) =>
  z
    .object({
      numerator: z.int().openapi({ description: 'Commission, minor units', example: 15_000 }),
      denominator: z.int().openapi({ description: 'Applicants', example: 7 }),
      amount: z
        .string()
        .openapi({ description: 'The quotient in major units, rounded half to even', example: '21.43' }),
    })
    .nullable()
    .openapi({ description: `Commission per ${whom} applicant, exact; null where there is none` });

const id = (description: string, example: string) => z.string().nullable().optional().openapi({ description, example });

const rowSchema = z
  .object({
    partner_id: id('Who introduced them; null = nobody', 'acme'),
    product_id: id('Product', 'quick-cash'),
    link_code: id('Link that they came by; null = none', 'acme-home'),
    currency: z.string().nullable().openapi({ description: 'ISO 4217; null = nothing was paid', example: 'CNY' }),
    commission: z.int().openapi({
      description: 'Commissions of the month less what was taken back, held ones left out, minor units',
      example: 15_000,
    }),
    granted: z.int().openapi({ description: 'Applications whose credit was granted in the month', example: 12 }),
    disbursed: z.int().openapi({ description: 'Applications whose first loan was paid out in it', example: 7 }),
    per_granted: perSchema('granted'),
    per_disbursed: perSchema('disbursed'),
  })
  .openapi('CostRow', { description: 'What applicants of a month have cost' });

const request = rowsRequest(COST_DIMENSIONS);
const problems = problemResponses(...operatorProblems);
const about =
  'An applicant is one application. Commissions count in the month in which they are payable, applicants in the month in ' +
  'which they came so far, in the zone of their product.';

const jsonRoute = createRoute({
  method: 'get',
  path: '/admin/v1/cost',
  operationId: 'readCost',
  tags: ['Revenue'],
  summary: 'What an applicant costs who was granted credit, or paid out',
  description: `${about} Fields that \`by\` leaves out are absent. Roles: finance.`,
  request,
  responses: {
    200: rowsAnswer(rowSchema),
    ...problems,
  },
});

const csvRoute = createRoute({
  method: 'get',
  path: '/admin/v1/cost.csv',
  operationId: 'downloadCost',
  tags: ['Revenue'],
  summary: 'The same as CSV',
  description: `${about} Amounts in major units. Roles: finance.`,
  request,
  responses: { 200: csvAnswer, ...problems },
});

/** `GET /admin/v1/cost`, `/admin/v1/cost.csv`. */
export function registerReadCost(
  door: OperatorDoor,
  { revenue, client, keys }: Pick<OperatorDeps, 'revenue' | 'client' | 'keys'>,
): void {
  const funding = new FundingStore(client, keys);
  const rowsOf = (month: string, by: readonly CostDimension[]) =>
    costRows(revenue.ledger, funding, revenue.partners(), month, by);

  door.openapi(jsonRoute, async (c) => {
    const { month, by } = c.req.valid('query');
    return c.json({ month, data: (await rowsOf(month, by)).map(rowView) }, 200);
  });

  door.openapi(csvRoute, async (c) => {
    const { month, by } = c.req.valid('query');
    const rows = await rowsOf(month, by);
    return csvDownload(`cost-${month}`, [headerOf(by), ...rows.map((row) => cellsOf(row, by))]);
  });
}

const FIELDS: Readonly<Record<CostDimension, string>> = {
  partner: 'partner_id',
  product: 'product_id',
  link: 'link_code',
};

function rowView(row: CostRow) {
  const { business, currency, commission, granted, disbursed } = row;
  const ids = Object.fromEntries(Object.entries(business).map(([by, value]) => [FIELDS[by as CostDimension], value]));
  return {
    ...ids,
    currency,
    commission: jsonMinor(commission),
    granted: Number(granted),
    disbursed: Number(disbursed),
    per_granted: perView(costPer(row, granted)),
    per_disbursed: perView(costPer(row, disbursed)),
  };
}

function perView(per: CostPer | null) {
  if (per === null) return null;
  return { numerator: jsonMinor(per.numerator), denominator: Number(per.denominator), amount: per.amount };
}

function headerOf(by: readonly CostDimension[]): string[] {
  const figures = ['currency', 'commission', 'granted', 'disbursed', 'per_granted', 'per_disbursed'];
  return [...by.map((dimension) => FIELDS[dimension]), ...figures];
}

function cellsOf(row: CostRow, by: readonly CostDimension[]): string[] {
  const { business, currency, commission, granted, disbursed } = row;
  const paid = currency === null ? commission.toString() : toDecimal(commission, currency);
  const per = [granted, disbursed].map((applicants) => costPer(row, applicants)?.amount ?? '');
  const ids = by.map((dimension) => business[dimension] ?? '');
  return [...ids, currency ?? '', paid, granted.toString(), disbursed.toString(), ...per];
}
