import { z } from '@hono/zod-openapi';
import { csvNumber, csvText } from '../../../revenue/csv-cell.ts';

/** A month of a query or path. */
export const monthSchema = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'must be a month written YYYY-MM');

/** `by=partner,product`: some of the dimensions, in any order, each once; without it all of them. */
export function dimensionsSchema<D extends string>(known: readonly [D, ...D[]]) {
  return z
    .string()
    .optional()
    .transform((text, context): D[] => {
      const named = text === undefined ? known : text.split(',');
      const found = known.filter((dimension) => named.some((name) => name === dimension));
      if (found.length === named.length) return found;
      context.addIssue({ code: 'custom', message: `must be some of ${known.join(', ')}, separated by commas` });
      return z.NEVER;
    })
    .openapi({
      type: 'string',
      description: `Some of ${known.join(', ')}, separated by commas; absent = all`,
      example: known.slice(0, 2).join(','),
      param: { name: 'by', in: 'query' },
    });
}

/** What is asked of a month's rows. */
export function rowsRequest<D extends string>(known: readonly [D, ...D[]]) {
  return {
    query: z.strictObject({
      month: monthSchema.openapi({ description: 'Month', example: '2026-01', param: { name: 'month', in: 'query' } }),
      by: dimensionsSchema(known),
    }),
  };
}

/** The rows of a month. */
export function rowsAnswer<R extends z.ZodType>(row: R) {
  const schema = z.object({
    month: z.string().openapi({ description: 'Month', example: '2026-01' }),
    data: z.array(row).openapi({ description: 'One row a business and currency' }),
  });
  return { description: 'The rows', content: { 'application/json': { schema } } };
}

/** What may be downloaded instead of JSON. */
export const csvAnswer = { description: 'The file', content: { 'text/csv': { schema: z.string() } } } as const;

/** A table as a file: ids and numbers that we write ourselves, in UTF-8 with CRLF. */
export function csvDownload(name: string, rows: readonly (readonly string[])[]): Response {
  const body = rows.map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
  return new Response(body, {
    headers: { 'content-type': 'text/csv; charset=utf-8', 'content-disposition': `attachment; filename="${name}.csv"` },
  });
}

/** A number may begin with a minus; whatever else a spreadsheet would take for a formula gets an apostrophe. */
function csvCell(text: string): string {
  return /^-?\d+(\.\d+)?$/.test(text) ? csvNumber(text) : csvText(text);
}
