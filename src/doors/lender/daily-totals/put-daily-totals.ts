import { createRoute, z } from '@hono/zod-openapi';
import { businessDay } from '../../../base/business-day.ts';
import { DAY_MS, isoOf } from '../../../base/clock.ts';
import { bookDaySchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { bodyProblems, problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import type { InputFault } from '../../../intake/intake-deps.ts';
import type { Lender } from '../../../registry/schema/lender.ts';
import { inputProblem } from '../../partner/input-problem.ts';
import type { LenderDeps, LenderDoor } from '../lender-deps.ts';
import { dayResult, dayResultSchema, type ToldProduct, toldProductSchema, totalsOf } from './day-view.ts';

/** More products than a lender has on offer. */
const PRODUCTS_MAX = 500;

const dateParam = z.object({
  date: bookDaySchema.openapi({
    description: 'The day, in the time zone of the products',
    example: '2026-03-02',
    param: { name: 'date', in: 'path' },
  }),
});

const totalsSchema = z.strictObject({
  timezone: z
    .string()
    .max(64)
    .openapi({ description: 'IANA zone in which you counted: that of the products', example: 'Asia/Shanghai' }),
  products: z
    .array(toldProductSchema)
    .max(PRODUCTS_MAX)
    .openapi({ description: 'Your products; one that is left out is told to have had nothing that day' }),
});

const putRoute = createRoute({
  method: 'put',
  path: '/lender/v1/daily-totals/{date}',
  operationId: 'putDailyTotals',
  tags: ['Events'],
  summary: 'Tell your totals of a day',
  description:
    'Compared with what your events come to, so that an event that never arrived is found the next morning. Send it when the day is over and its events are sent; again whenever it changes: the latest counts. Payments count on their `paid_at`, reversals on the day they happened; `outstanding` is as of the end of the day, loans that are written off not in it.',
  request: { params: dateParam, body: jsonBody(totalsSchema, 'Totals of the day') },
  responses: {
    200: { description: 'How they compare', content: { 'application/json': { schema: dayResultSchema } } },
    ...problemResponses(...signedProblems, ...bodyProblems, 'unknown_product'),
  },
});

const getRoute = createRoute({
  method: 'get',
  path: '/lender/v1/daily-totals/{date}',
  operationId: 'getDailyTotals',
  tags: ['Events'],
  summary: 'Read how a day compares',
  description: 'What you told of a day against what your events come to now.',
  request: { params: dateParam },
  responses: {
    200: { description: 'How they compare', content: { 'application/json': { schema: dayResultSchema } } },
    ...problemResponses(...signedProblems),
  },
});

/** `PUT` and `GET /lender/v1/daily-totals/{date}`. */
export function registerDailyTotals(door: LenderDoor, { totals, clock }: Pick<LenderDeps, 'totals' | 'clock'>): void {
  door.openapi(putRoute, async (c) => {
    const lender = partyOf(c);
    const { date } = c.req.valid('param');
    const { timezone, products } = c.req.valid('json');
    const faults = faultsOf(lender, { date, timezone, products }, clock.nowMs());
    if (faults.length > 0) throw inputProblem(faults);
    const told = {
      timezone,
      products: Object.fromEntries(products.map((product) => [product.product_id, totalsOf(product)])),
      told_at: isoOf(clock.nowMs()),
    };
    await totals.tell(lender.id, date, told);
    const result = await dayResult(totals, lender, date, told);
    addLogFields(c, { day: date, matches: result.matches, differences: result.differences.length });
    return c.json(result, 200);
  });

  door.openapi(getRoute, async (c) => {
    const lender = partyOf(c);
    const { date } = c.req.valid('param');
    return c.json(await dayResult(totals, lender, date, await totals.told(lender.id, date)), 200);
  });
}

/** As old as an event may be. */
const OLDEST_DAYS = 1_095;

interface Told {
  readonly date: string;
  readonly timezone: string;
  readonly products: readonly ToldProduct[];
}

/** Products of others, other zones and currencies, days to come: nothing could be compared. */
function faultsOf(lender: Lender, { date, timezone, products }: Told, nowMs: number): InputFault[] {
  const faults = products.flatMap((told, index): InputFault[] => {
    const pointer = `/products/${index}/product_id`;
    const product = lender.products.find(({ id }) => id === told.product_id);
    if (!product) return [{ pointer, code: 'unknown_product', message: 'is not among your products' }];
    if (products.findIndex((other) => other.product_id === told.product_id) !== index) {
      return [{ pointer, code: 'duplicate', message: 'is told twice' }];
    }
    if (product.timezone !== timezone) {
      const message = `must be ${product.timezone}, where the days of ${product.id} are counted`;
      return [{ pointer: '/timezone', code: 'timezone_mismatch', message }];
    }
    return currencyFaults(told, index, product.currency);
  });
  const zones = products.length > 0 ? [timezone] : lender.products.map((product) => product.timezone);
  if (faults.length === 0 && zones.every((zone) => date > businessDay(nowMs, zone))) {
    faults.push({ pointer: '/date', code: 'out_of_range', message: 'is a day to come' });
  }
  if (date < businessDay(nowMs - OLDEST_DAYS * DAY_MS, zones[0] ?? timezone)) {
    faults.push({ pointer: '/date', code: 'out_of_range', message: `is more than ${OLDEST_DAYS} days ago` });
  }
  return faults;
}

function currencyFaults(told: ToldProduct, index: number, currency: string): InputFault[] {
  const { granted, disbursed, paid, outstanding } = told;
  const amounts = {
    'granted/amount': granted.amount,
    'disbursed/principal': disbursed.principal,
    'paid/principal': paid.principal,
    'paid/interest': paid.interest,
    'paid/fees': paid.fees,
    'paid/penalty': paid.penalty,
    'outstanding/principal': outstanding.principal,
  };
  return Object.entries(amounts)
    .filter(([, money]) => money.currency !== currency)
    .map(([name]) => ({
      pointer: `/products/${index}/${name}/currency`,
      code: 'currency_mismatch',
      message: `the product is in ${currency}`,
    }));
}
