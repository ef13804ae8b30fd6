import { z } from '@hono/zod-openapi';
import { ProblemError } from './problem.ts';

export const PAGE_LIMIT_MAX = 200;
const PAGE_LIMIT_DEFAULT = 50;
const CURSOR_MAX_LENGTH = 512;

/** The query parameters of a list: spread into its `z.strictObject({ ...pageQuery, … })`. */
export const pageQuery = {
  cursor: z.string().min(1).max(CURSOR_MAX_LENGTH).optional().openapi({
    description: '`next_cursor` of the page before; absent = the first page',
    example: 'WyIxNzY3MjI1NjAwMDAwIiwiYXBwXzAxIl0',
  }),
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT_MAX).default(PAGE_LIMIT_DEFAULT).openapi({
    description: 'Items of a page, at most',
    example: 50,
  }),
};

/** `{ data, next_cursor }` of items. */
export function pageOf<S extends z.ZodType>(item: S) {
  return z.object({
    data: z.array(item).openapi({ description: 'Items in order' }),
    next_cursor: z.string().nullable().openapi({
      description: 'For the next page; null = this was the last',
      example: 'WyI1MCJd',
    }),
  });
}

/** An opaque cursor: clients hand it back and read nothing from it. */
export function encodeCursor(parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/**
 * The parts of a cursor of ours; undefined for the first page.
 * @param count how many parts this list's cursors have
 * @param name of the query parameter
 * @throws ProblemError `validation_failed` for text that we did not make
 */
export function decodeCursor(cursor: string | undefined, count: number, name?: string): string[] | undefined {
  if (cursor === undefined) return undefined;
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw foreignCursor(name);
  }
  const isOurs = Array.isArray(parts) && parts.length === count && parts.every((part) => typeof part === 'string');
  if (!isOurs) throw foreignCursor(name);
  return parts as string[];
}

/** What a cursor that this list never gave is answered. */
export function foreignCursor(name: string = 'cursor'): ProblemError {
  const message = 'is not a next_cursor of this list';
  return new ProblemError('validation_failed', `${name} ${message}`, {
    errors: [{ pointer: `/${name}`, in: 'query', code: 'invalid', message }],
  });
}
