import { z } from '@hono/zod-openapi';

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** The files of a statement as operations describe them. */
export const statementFileAnswers = {
  csv: { description: 'The file', content: { 'text/csv': { schema: z.string() } } },
  xlsx: { description: 'The workbook', content: { [XLSX]: { schema: z.string().openapi({ format: 'binary' }) } } },
  print: { description: 'The page', content: { 'text/html': { schema: z.string() } } },
} as const;

/** Query of pages for people. */
export const langQuery = {
  lang: z
    .enum(['zh', 'en'])
    .optional()
    .openapi({ description: 'Language; else Accept-Language decides', example: 'zh' }),
};
