import { z } from '@hono/zod-openapi';
import { currencySchema, dateSchema, instantSchema } from '../../http/common-schemas.ts';
import { CATEGORIES, EXPLANATIONS } from '../../revenue/reconciliation/matching/reconciled-row.ts';
import { DELIMITERS } from '../../revenue/reconciliation/reading/csv-rows.ts';
import { COLUMN_ROLES, REF_KINDS } from '../../revenue/reconciliation/reading/guess-columns.ts';
import { ENCODINGS } from '../../revenue/reconciliation/reading/inspect-file.ts';
import { RESOLVE_ACTIONS } from '../../revenue/reconciliation/resolution.ts';
import { sha256Schema } from './scalars.ts';

const EXAMPLE_HEX = '1f8ac10f23c5b5bc1167bda84b833e5c';
const count = (description: string, example = 0) => z.int().min(0).openapi({ description, example });
const minor = (description: string, example = 0) =>
  z.int().openapi({ description: `${description}; signed minor units of the statement’s currency`, example });
const text = (description: string, example: string) => z.string().openapi({ description, example });
const textOrNull = (description: string, example: string) => z.string().nullable().openapi({ description, example });

export const categorySchema = z
  .enum(CATEGORIES)
  .openapi({ description: 'What a row is; every row is in exactly one', example: 'missing_in_ours' });
export const explanationSchema = z
  .enum(EXPLANATIONS)
  .openapi({ description: 'Why a row has no counterpart, as far as that is known', example: 'held' });

const sumsSchema = z
  .object({
    count: count('Rows', 3),
    ours: minor('Σ ours', 12_000),
    theirs: minor('Σ theirs; other currencies count 0', 15_000),
    difference: minor('Σ theirs − Σ ours', 3_000),
  })
  .openapi('ReconciliationSums', { description: 'What some rows come to' });

const fileSchema = z
  .object({
    bytes: count('Size', 20_480),
    format: z.enum(['csv', 'xlsx']).openapi({ description: 'What it is', example: 'csv' }),
    encoding: textOrNull('How its text was read', 'gb18030'),
    delimiter: textOrNull('What stands between its cells', ','),
    sheet: textOrNull('The sheet that was named', 'January'),
    decimal: z.enum(['.', ',']).openapi({ description: 'Its decimal mark', example: '.' }),
    date_order: z
      .enum(['dmy', 'mdy'])
      .nullable()
      .openapi({ description: 'Order of days and months, where its dates need one', example: 'dmy' }),
    rows: count('Rows that were compared', 120),
    skipped: z
      .object({
        empty: count('Empty rows', 2),
        headings: count('Headings and what stands above them', 1),
        totals: count('Rows that add up others', 1),
      })
      .openapi({ description: 'Rows that were not compared' }),
    stated_totals: z
      .array(
        z.object({
          line: count('Where', 122),
          amount: z
            .int()
            .nullable()
            .openapi({ description: 'What it states, minor units; null = unreadable', example: 15_000 }),
          rows: count('Rows above it', 120),
        }),
      )
      .openapi({ description: 'Totals that the file states; they are not compared' }),
  })
  .openapi('ReconciledFile', { description: 'The file, as it was read' });

const mappingSchema = z
  .object({
    source: z.enum(['given', 'remembered', 'guessed']).openapi({
      description: 'Named in the request, kept from the last file, or told by the headers',
      example: 'guessed',
    }),
    ref_kind: z.enum(REF_KINDS).openapi({ description: 'What its references name', example: 'partner_ref' }),
    columns: z
      .object(
        Object.fromEntries(COLUMN_ROLES.map((role) => [role, textOrNull(`Header of the ${role}`, role)])) as Record<
          (typeof COLUMN_ROLES)[number],
          ReturnType<typeof textOrNull>
        >,
      )
      .openapi({ description: 'Which column is which; null = the file has none' }),
    header_line: count('Line of the header; 0 = none', 1),
  })
  .openapi('ReconciliationMapping', { description: 'Which column is which; the default for the next file' });

/** What a reconciliation found. */
export const reconciliationSchema = z
  .object({
    id: text('Id; the same file read the same way against the same revision has the same', `rec_${EXAMPLE_HEX}`),
    statement_id: text('Statement', `stm_${EXAMPLE_HEX}`),
    contract: text('Contract', 'main'),
    period: dateSchema.openapi({ description: 'Period', example: '2026-01-01' }),
    revision: z.int().openapi({ description: 'Revision that was compared', example: 1 }),
    currency: currencySchema,
    created_at: instantSchema.openapi({ description: 'When it was made' }),
    expires_at: instantSchema.openapi({ description: 'When it is removed' }),
    file_sha256: sha256Schema.openapi({ description: 'SHA-256 of the file, hex' }),
    file: fileSchema,
    mapping: mappingSchema,
    options: z
      .object({
        tolerance: count('Minor units that do not matter'),
        date_window_days: count('Days that two dates of the same thing may be apart', 3),
        group_by: z.enum(['ref']).nullable().openapi({ description: 'ref: sums of references were compared' }),
        totals: z.boolean().openapi({ description: 'Whether rows were sums of a day, or of all', example: false }),
        dates: z.enum(['payable_at', 'occurred_at']).openapi({ description: 'Which day of ours a sum was of' }),
      })
      .openapi({ description: 'How it was compared' }),
    totals: z
      .object({
        ours: minor('Σ lines of the statement', 1_000_000),
        theirs: minor('Σ rows of the file', 1_003_000),
        difference: minor('Theirs − ours = Σ of the differences of all categories', 3_000),
      })
      .openapi({ description: 'The control total' }),
    categories: z
      .object(
        Object.fromEntries(CATEGORIES.map((name) => [name, sumsSchema])) as Record<
          (typeof CATEGORIES)[number],
          typeof sumsSchema
        >,
      )
      .openapi({ description: 'Every category with what is in it' }),
    explanations: z
      .partialRecord(z.enum(EXPLANATIONS), sumsSchema)
      .openapi({ description: 'Explanations that occur, with what they explain' }),
    other_currencies: z
      .array(
        z.object({
          currency: currencySchema,
          count: count('Rows', 1),
          theirs: z.int().openapi({ description: 'Σ theirs, minor units of that currency', example: 1_000 }),
        }),
      )
      .openapi({ description: 'Theirs in other currencies; they count 0 in the control' }),
    equal: z.boolean().openapi({ description: 'Whether every row is matched', example: false }),
    notes: z
      .array(
        z.object({
          code: z.enum(['group_by_ref', 'proposals_left_out', 'stated_total_differs']).openapi({
            description:
              'group_by_ref: sums agree for so many references whose rows do not. proposals_left_out: too many rows ' +
              'without a counterpart. stated_total_differs: a total that the file states is not the sum of its rows',
            example: 'group_by_ref',
          }),
          count: count('How many', 4),
        }),
      )
      .openapi({ description: 'What is worth knowing' }),
    rows_url: text('Its rows', `/v1/reconciliations/rec_${EXAMPLE_HEX}/rows`),
  })
  .openapi('Reconciliation', { description: 'A file compared with a statement' });

export const rowResolutionSchema = z
  .object({
    action: z.enum(RESOLVE_ACTIONS).openapi({ description: 'What was decided', example: 'accept_theirs' }),
    reconciliation_id: text('Report that it was decided in', `rec_${EXAMPLE_HEX}`),
    amount: minor('What was booked, 0 = nothing', 3_000),
    adjustment_id: textOrNull('The commission that was booked', `com_${EXAMPLE_HEX}`),
    dispute_id: textOrNull('The dispute that was opened', `dsp_${EXAMPLE_HEX}`),
    reason: text('Why', 'Their file is right'),
    at: instantSchema.openapi({ description: 'When' }),
  })
  .openapi({ description: 'What became of a row' });

/** One row of a report, with both sides. */
export const reconciledRowSchema = z
  .object({
    id: text('Id in its report', 'line_17'),
    category: categorySchema,
    explanation: explanationSchema.nullable(),
    ref: textOrNull('Reference; of a sum by day, the day', 'ORDER-1'),
    theirs: z
      .object({
        lines: z.array(z.int()).openapi({ description: 'Lines of the file, at most 50', example: [17] }),
        count: count('How many rows', 1),
        amount: z.int().openapi({ description: 'Signed minor units of its currency', example: 3_000 }),
        currency: currencySchema,
        date: dateSchema.nullable(),
        rate: textOrNull('Rate as written', '1.5'),
      })
      .nullable()
      .openapi({ description: 'Their side' }),
    ours: z
      .object({
        commission_ids: z
          .array(z.string())
          .openapi({ description: 'Commissions, at most 50', example: [`com_${EXAMPLE_HEX}`] }),
        count: count('How many lines', 1),
        amount: minor('Amount', 3_000),
        date: dateSchema.nullable().openapi({ description: 'Local day on which it became payable' }),
        rate: textOrNull('Percent', '1.5'),
      })
      .nullable()
      .openapi({ description: 'Our side' }),
    difference: minor('Theirs − ours', 3_000),
    reason: textOrNull('Why a row cannot be read', 'amount "x" is no amount'),
    known_commission_id: textOrNull('Commission that explains it, on no or another statement', `com_${EXAMPLE_HEX}`),
    proposals: z
      .array(
        z.object({
          commission_id: textOrNull('Commission of ours', `com_${EXAMPLE_HEX}`),
          line: z.int().nullable().openapi({ description: 'Line of the file', example: 18 }),
          ref: textOrNull('Its reference', 'ORDER-21'),
          amount: minor('Its amount', 3_000),
          date: dateSchema.nullable(),
          because: z.array(z.string()).openapi({
            description: 'same_amount, near_date, one_character_off, two_characters_swapped',
            example: ['two_characters_swapped', 'same_amount'],
          }),
        }),
      )
      .openapi({ description: 'What may be its counterpart, for a person to judge; nothing is booked by it' }),
    resolution: rowResolutionSchema.nullable().openapi({ description: 'What became of it; null = it is open' }),
  })
  .openapi('ReconciledRow', { description: 'One row, with both sides' });

const column = (what: string, example: string) =>
  z
    .string()
    .min(1)
    .max(200)
    .optional()
    .openapi({ description: `Header of the column with ${what}, or \`#3\` for the third column`, example });

/** How a file is read and compared. */
export const reconcileQuery = {
  ref: column('the reference', '订单号'),
  amount: column('the amount, in major units', '佣金金额'),
  date: column('the date', '放款日期'),
  currency: column('the currency', '币种'),
  rate: column('the rate', '费率'),
  ref_kind: z.enum(REF_KINDS).optional().openapi({ description: 'What references name', example: 'partner_ref' }),
  encoding: z.enum(ENCODINGS).optional().openapi({ description: 'Else it is found out', example: 'gb18030' }),
  delimiter: z.enum(DELIMITERS).optional().openapi({ description: 'Else it is found out', example: ';' }),
  decimal: z.enum(['.', ',']).optional().openapi({ description: 'Else it is found out', example: '.' }),
  date_order: z
    .enum(['dmy', 'mdy'])
    .optional()
    .openapi({ description: 'For dates such as 05/01/2026', example: 'dmy' }),
  sheet: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .openapi({ description: 'Sheet of a workbook; else the first', example: 'Jan' }),
  tolerance: z.coerce
    .number()
    .int()
    .min(0)
    .max(1_000_000)
    .default(0)
    .openapi({ description: 'Minor units that do not matter', example: 1 }),
  date_window_days: z.coerce
    .number()
    .int()
    .min(0)
    .max(31)
    .default(3)
    .openapi({ description: 'Days that two dates of the same thing may be apart', example: 3 }),
  group_by: z.enum(['ref']).optional().openapi({
    description: 'ref: compare sums of references: one row of yours is several lines of ours',
    example: 'ref',
  }),
  totals: z
    .enum(['true', 'false'])
    .default('false')
    .openapi({ description: 'true: rows are sums of a day, or one of all', example: 'false' }),
  dates: z
    .enum(['payable_at', 'occurred_at'])
    .default('payable_at')
    .openapi({ description: 'With totals: which day of ours a sum is of', example: 'payable_at' }),
};

/** Filters of rows. */
export const rowsQuery = { category: categorySchema.optional(), explanation: explanationSchema.optional() };
