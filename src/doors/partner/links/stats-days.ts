import { daysBetween } from '../../../base/days-between.ts';
import { bookDaySchema } from '../../../http/common-schemas.ts';
import { ProblemError } from '../../../http/problem.ts';

/** A quarter of single days; a list of all links is read for a month of them. */
export const LINK_DAYS_MAX = 92;
export const ALL_LINKS_DAYS_MAX = 31;

/** Query parameters of a range of days; both or none. */
export function statsRangeQuery(max: number) {
  return {
    from: bookDaySchema.optional().openapi({
      description: 'First day, in the time zone of the link’s product; absent = from the beginning',
      example: '2026-03-01',
    }),
    to: bookDaySchema.optional().openapi({
      description: `Last day, at most ${max} days; counts of single days are kept for 400 days`,
      example: '2026-03-31',
    }),
  };
}

/**
 * The days of a range; undefined when none was asked for.
 * @throws ProblemError `validation_failed` for half a range, one that ends before it begins, or one of more days than `max`
 */
export function statsDays(
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
  max: number,
): readonly string[] | undefined {
  if (from === undefined && to === undefined) return undefined;
  if (from === undefined || to === undefined) {
    throw rangeProblem(from === undefined ? '/from' : '/to', 'required', 'a range has both from and to');
  }
  const days = daysBetween(from, to, max);
  if (days === undefined) {
    throw rangeProblem('/to', 'out_of_range', `must be ${from} or a day within ${max} days from it`);
  }
  return days;
}

function rangeProblem(pointer: string, code: string, message: string): ProblemError {
  return new ProblemError('validation_failed', `${pointer}: ${message}`, {
    errors: [{ pointer, in: 'query', code, message }],
  });
}
