import { ProblemError } from '../http/problem.ts';
import { isIndexCursor } from '../insight/application-index.ts';

/**
 * A cursor of the application index that a client has handed back; undefined for the first page.
 * @throws ProblemError `validation_failed` for text that we did not make
 */
export function indexCursor(cursor: string | undefined): string | undefined {
  if (cursor === undefined || isIndexCursor(cursor)) return cursor;
  const message = 'is not a next_cursor of this list';
  throw new ProblemError('validation_failed', `cursor ${message}`, {
    errors: [{ pointer: '/cursor', in: 'query', code: 'invalid', message }],
  });
}
