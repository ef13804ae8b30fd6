import { z } from '@hono/zod-openapi';
import { dateSchema, moneySchema, signedMoneySchema } from '../../../http/common-schemas.ts';
import { differencesOfDay } from '../../../insight/totals/compare-totals.ts';
import type { Total, Totals } from '../../../insight/totals/totals-step.ts';
import type { ToldDay, TotalsStore } from '../../../insight/totals/totals-store.ts';
import type { Lender } from '../../../registry/schema/lender.ts';

const COUNT_MAX = 1_000_000_000;

const countSchema = (description: string) => z.int().min(0).max(COUNT_MAX).openapi({ description, example: 12 });
/** Reversals of the day may outweigh its payments. */
const netCountSchema = (description: string) =>
  z.int().min(-COUNT_MAX).max(COUNT_MAX).openapi({ description, example: 30 });

/** One product's day as its lender tells it. */
export const toldProductSchema = z
  .strictObject({
    product_id: z.string().max(64).openapi({ description: 'Your product', example: 'quick-cash' }),
    applications: countSchema('Applications that reached you that day, reported ones too'),
    granted: z
      .strictObject({ count: countSchema('Credits granted'), amount: moneySchema })
      .openapi({ description: 'Credits granted that day' }),
    disbursed: z
      .strictObject({ count: countSchema('Loans paid out'), principal: moneySchema })
      .openapi({ description: 'Loans paid out that day' }),
    paid: z
      .strictObject({
        count: netCountSchema('Payments, less reversals'),
        principal: signedMoneySchema,
        interest: signedMoneySchema,
        fees: signedMoneySchema,
        penalty: signedMoneySchema,
      })
      .openapi({ description: 'Payments made that day, less those reversed that day' }),
    outstanding: z
      .strictObject({ count: countSchema('Loans that run'), principal: moneySchema })
      .openapi({ description: 'Loans that ran when the day ended, and the principal left of them' }),
  })
  .openapi('DailyTotalsOfProduct', { description: 'One product on one day of its time zone' });
export type ToldProduct = z.output<typeof toldProductSchema>;

/** How a figure is called in the contract. */
const FIGURES: Readonly<Record<Total, string>> = {
  applications: 'applications',
  granted_count: 'granted.count',
  granted_amount: 'granted.amount',
  disbursed_count: 'disbursed.count',
  disbursed_principal: 'disbursed.principal',
  paid_count: 'paid.count',
  paid_principal: 'paid.principal',
  paid_interest: 'paid.interest',
  paid_fees: 'paid.fees',
  paid_penalty: 'paid.penalty',
  outstanding_count: 'outstanding.count',
  outstanding_principal: 'outstanding.principal',
};

const differenceSchema = z
  .object({
    product_id: z.string().openapi({ description: 'Product', example: 'quick-cash' }),
    figure: z.string().openapi({ description: 'Figure on which we differ', example: 'paid.principal' }),
    ours: z.int().openapi({ description: 'What your events come to; money in minor units', example: 812300 }),
    theirs: z.int().openapi({ description: 'What you told', example: 822300 }),
    difference: z.int().openapi({ description: 'theirs − ours', example: 10000 }),
  })
  .openapi('TotalsDifference', { description: 'A figure on which lender and gateway differ' });

/** What came of a day. */
export const dayResultSchema = z
  .object({
    date: dateSchema,
    told_at: z
      .string()
      .nullable()
      .openapi({ description: 'When you told it last; null = not yet', example: '2026-03-03T02:00:00.000Z' }),
    matches: z.boolean().nullable().openapi({
      description: 'Whether every figure agrees with the events as of now; null = not told',
      example: true,
    }),
    differences: z.array(differenceSchema).openapi({ description: 'Figures that differ; empty when none does' }),
  })
  .openapi('DailyTotals', { description: 'A lender’s totals of a day compared with its events' });
export type DayResult = z.output<typeof dayResultSchema>;

/** The figures of a told product by our names. */
export function totalsOf(told: ToldProduct): Totals {
  const { applications, granted, disbursed, paid, outstanding } = told;
  return {
    applications,
    granted_count: granted.count,
    granted_amount: granted.amount.amount,
    disbursed_count: disbursed.count,
    disbursed_principal: disbursed.principal.amount,
    paid_count: paid.count,
    paid_principal: paid.principal.amount,
    paid_interest: paid.interest.amount,
    paid_fees: paid.fees.amount,
    paid_penalty: paid.penalty.amount,
    outstanding_count: outstanding.count,
    outstanding_principal: outstanding.principal.amount,
  };
}

/** Compares what was told of a day with what the events come to now: late events may make a day match afterwards. */
export async function dayResult(
  totals: Pick<TotalsStore, 'ours'>,
  lender: Pick<Lender, 'id' | 'products'>,
  date: string,
  told: ToldDay | undefined,
): Promise<DayResult> {
  if (told === undefined) return { date, told_at: null, matches: null, differences: [] };
  const found = await differencesOfDay(totals, lender, date, told);
  const differences = found.map((one) => ({ ...one, figure: FIGURES[one.figure] }));
  return { date, told_at: told.told_at, matches: differences.length === 0, differences };
}
