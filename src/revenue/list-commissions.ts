import { isoOf } from '../base/clock.ts';
import type { CommissionLine } from './commission-line.ts';
import { type CommissionStatus, type CommissionView, commissionView, type LineStanding } from './commission-view.ts';
import type { LedgerReader } from './ledger-reader.ts';
import type { PeriodStore } from './period-store.ts';
import { readStanding } from './settlement/read-standing.ts';
import { lineIndex, periodField } from './slot.ts';

export interface CommissionQuery {
  readonly status?: CommissionStatus;
  /** `occurred_at` within [from, to). */
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly applicationId?: string;
  /** `next` of the page before. */
  readonly after?: string;
  readonly limit: number;
}

export interface CommissionPage {
  readonly data: readonly CommissionView[];
  /** Position of the last item; null = this was the last page. */
  readonly next: string | null;
}

/** Instants as text sort right between these two. */
const EARLIEST = '0000';
const LATEST = '9999';
const SCAN_PAGE = 500;
/** A rare status is looked for so far in one request; the page is then shorter than asked for, with a cursor. */
const SCAN_MAX = 5_000;

/** A counterparty's commissions, newest event first. */
export async function listCommissions(
  reader: LedgerReader,
  periods: PeriodStore,
  partnerId: string,
  query: CommissionQuery,
): Promise<CommissionPage> {
  const standing = await standingOf(reader, periods, partnerId);
  const from = query.fromMs === undefined ? EARLIEST : isoOf(query.fromMs);
  const to = query.toMs === undefined ? LATEST : isoOf(query.toMs);
  const data: CommissionView[] = [];
  let position = query.after ?? null;
  for (let scanned = 0; scanned < SCAN_MAX; ) {
    const { lines, more } = await pageBefore(reader, partnerId, query, from, to, position);
    for (const line of lines) {
      scanned += 1;
      position = lineIndex.time(line);
      const view = commissionView(line, standing);
      if (query.status === undefined || view.status === query.status) data.push(view);
      if (data.length === query.limit) return { data, next: position };
    }
    if (!more) return { data, next: null };
  }
  return { data, next: position };
}

/** One line with what its statement says of it. */
export async function standingOf(reader: LedgerReader, periods: PeriodStore, partnerId: string): Promise<LineStanding> {
  const [records, { statements }] = await Promise.all([periods.records(partnerId), readStanding(reader, partnerId)]);
  const paid = statements.filter(({ share }) => share !== undefined && share.paid >= share.due);
  return {
    records: new Map(records.map((record) => [periodField(record.contract, record.id), record])),
    paid: new Set(paid.map(({ statement }) => statement.id)),
  };
}

async function pageBefore(
  reader: LedgerReader,
  partnerId: string,
  { applicationId }: CommissionQuery,
  from: string,
  to: string,
  before: string | null,
): Promise<{ lines: CommissionLine[]; more: boolean }> {
  if (applicationId === undefined) {
    const page = await reader.linesByTimePage(partnerId, from, to, before, SCAN_PAGE);
    return { lines: page.lines, more: page.members.length === SCAN_PAGE };
  }
  const end = before ?? to;
  const lines = (await reader.linesOfObject(partnerId, applicationId))
    .map((line) => ({ line, position: lineIndex.time(line) }))
    .filter(({ position }) => position < end && position >= from)
    .sort((a, b) => (a.position < b.position ? 1 : -1))
    .map(({ line }) => line);
  return { lines, more: false };
}
