import { z } from '@hono/zod-openapi';
import { replayHeaders } from '../../http/problem-responses.ts';
import { reconciliationSchema } from '../schemas/reconciliation-schema.ts';
import { XLSX_TYPE } from './run-reconciliation.ts';

const fileSchema = z.string().openapi({ format: 'binary', description: 'The file as it is, at most 32 MiB' });

/** The file that a statement is compared with, as operations describe it. */
export const comparedFile = {
  required: true,
  description: 'The file',
  content: { 'text/csv': { schema: fileSchema }, [XLSX_TYPE]: { schema: fileSchema } },
} as const;

/** What comparing answers. */
export const comparedAnswer = {
  description: 'What differs',
  headers: replayHeaders,
  content: { 'application/json': { schema: reconciliationSchema } },
} as const;
