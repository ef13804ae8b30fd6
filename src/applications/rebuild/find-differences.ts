import { dayOf } from '../lifecycle/calendar-days.ts';
import { isRunning } from '../lifecycle/loan-transitions.ts';
import { daysPastDue } from '../lifecycle/past-due.ts';
import type { Application, Loan } from '../model.ts';
import { asTheLogKnows } from './as-the-log-knows.ts';

/** One place at which the stored document and the log do not say the same. */
export interface Difference {
  /** JSON pointer into the document; empty = all of it. */
  readonly pointer: string;
  readonly what: 'differs' | 'only_stored' | 'only_in_log';
  /** What stands there, undefined where nothing does. May be anything that documents hold: it is not for everybody's eyes. */
  readonly stored: unknown;
  readonly rebuilt: unknown;
}

/**
 * Where a stored application is not what its log comes to. Days past due grow by the calendar between the events that tell of
 * them: they may stand anywhere from what the log said last to what our own count says by now.
 * @param nowMs business time
 */
export function findDifferences(stored: Application, rebuilt: Application, nowMs: number): Difference[] {
  const counted = { ...stored, loans: stored.loans.map((loan) => asCounted(loan, rebuilt, nowMs)) };
  return compare(asTheLogKnows(counted), asTheLogKnows(rebuilt), '');
}

/** The loan with the log's days past due where the stored ones are no more than the calendar explains. */
function asCounted(stored: Loan, { loans, offer }: Application, nowMs: number): Loan {
  const logged = loans.find(({ id }) => id === stored.id);
  if (logged === undefined || !isRunning(logged)) return stored;
  const { days_past_due: days } = stored;
  const byNow = daysPastDue(logged, dayOf(nowMs, offer?.timezone ?? 'Asia/Shanghai'));
  const isExplained = days >= logged.days_past_due && days <= Math.max(byNow, logged.days_past_due);
  return isExplained ? { ...stored, days_past_due: logged.days_past_due } : stored;
}

function compare(stored: unknown, rebuilt: unknown, pointer: string): Difference[] {
  if (Object.is(stored, rebuilt)) return [];
  if (stored === undefined || rebuilt === undefined || !isNested(stored) || !isNested(rebuilt)) {
    const what = stored === undefined ? 'only_in_log' : rebuilt === undefined ? 'only_stored' : 'differs';
    return [{ pointer, what, stored, rebuilt }];
  }
  const names = new Set([...Object.keys(stored), ...Object.keys(rebuilt)]);
  return [...names].flatMap((name) => {
    const [one, other] = [stored, rebuilt].map((each) => (each as Readonly<Record<string, unknown>>)[name]);
    return compare(one, other, `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  });
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
