import { isoOf } from '../base/clock.ts';
import { contractPeriodAt, contractPeriodById, laterPeriod } from './contract-calendar.ts';
import { isClosing, type PeriodRecord, type Waiver } from './period-record.ts';
import type { ContractPeriods } from './period-store.ts';
import { nextPeriod } from './periods.ts';
import type { ContractTerms } from './terms.ts';

/** A period as operators see it. */
export interface PeriodView {
  readonly contract: string;
  readonly id: string;
  readonly from: string;
  /** First instant after it. */
  readonly to: string;
  readonly timezone: string;
  readonly state: 'open' | 'review' | 'locked';
  readonly revision: number | null;
  readonly statement_id: string | null;
  readonly reviewed_by: string | null;
  readonly reviewed_at: string | null;
  readonly locked_by: string | null;
  readonly locked_at: string | null;
  readonly waived: readonly Waiver[];
}

/** Older ones are found by their statements. */
const LIST_MAX = 400;

/** A contract's periods from the first with anything in it to the one that is running, newest first. */
export function periodViews(versions: readonly ContractTerms[], periods: ContractPeriods, nowMs: number): PeriodView[] {
  const [terms] = versions;
  if (terms === undefined) return [];
  const last = contractPeriodAt(versions, nowMs);
  const [firstId] = periods.records.keys();
  const views: PeriodView[] = [];
  let period = (firstId === undefined ? null : contractPeriodById(versions, firstId)) ?? last;
  const lastId = [...periods.records.keys()].at(-1) ?? last.id;
  const end = laterPeriod(lastId, last.id);
  while (period.id <= end) {
    const { id, fromMs, toMs } = period;
    const span = { id, from: isoOf(fromMs), to: isoOf(toMs), timezone: terms.timezone };
    views.push({ contract: terms.contract, ...span, ...standingOf(periods.records.get(id), id, periods.open) });
    period = nextPeriod(terms.cycle, terms.timezone, period);
  }
  return views.reverse().slice(0, LIST_MAX);
}

function standingOf(record: PeriodRecord | undefined, id: string, open: string | undefined) {
  if (isClosing(record)) {
    const { state, revision, statement_id, reviewed_by, reviewed_at, locked_by, locked_at, waived } = record;
    return { state, revision, statement_id, reviewed_by, reviewed_at, locked_by, locked_at, waived };
  }
  // What was cut without a record had nothing in it: it was locked in passing.
  const state = open !== undefined && id < open ? ('locked' as const) : ('open' as const);
  return { ...NOT_CLOSED, state };
}

const NOT_CLOSED = {
  revision: null,
  statement_id: null,
  reviewed_by: null,
  reviewed_at: null,
  locked_by: null,
  locked_at: null,
  waived: [],
} as const;
