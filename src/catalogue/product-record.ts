import { isoOf } from '../base/clock.ts';
import type { NewEvent } from '../events/event.ts';
import { isLive, type Pause, type PausedBy, type ShownStop, type Stop, stopsNow } from './pause.ts';
import { differingFields } from './product-content.ts';
import { type ProductStatus, statusNow } from './product-status.ts';

/** What the files say of a product that partners are shown. */
export interface FileFacts {
  readonly lender_id: string;
  /** false = it was taken off the files. */
  readonly listed: boolean;
  readonly file_status: ProductStatus;
  /** Fingerprints by field, see `contentOf`. */
  readonly fields: Readonly<Record<string, string>>;
}

/** A product as it was told last: its pauses, and what every later state is compared with. */
export interface ProductRecord extends FileFacts {
  readonly product_id: string;
  readonly pauses: readonly Pause[];
  readonly status: ProductStatus;
  readonly stops: readonly ShownStop[];
  /** Counts the changes that were told. */
  readonly revision: number;
  /** RFC 3339, business time of the last one. */
  readonly updated_at: string;
}

/** A record to write, with the event that tells it; no event where nothing that anybody is shown has changed. */
export interface RecordChange {
  readonly record: ProductRecord;
  readonly event: NewEvent | null;
}

/**
 * The files say this. @param isNews false while an installation sees its products for the first time: there is nobody whom
 * that could be told
 */
export function withFile(
  record: ProductRecord | undefined,
  productId: string,
  facts: FileFacts,
  nowMs: number,
  isNews: boolean,
): RecordChange | null {
  if (record !== undefined) return changed(record, { ...record, ...facts }, nowMs, nowMs);
  const first: ProductRecord = {
    ...facts,
    product_id: productId,
    pauses: [],
    status: facts.file_status,
    stops: [],
    revision: 1,
    updated_at: isoOf(nowMs),
  };
  return { record: first, event: isNews ? updatedEvent(first, [...Object.keys(facts.fields), 'status'], nowMs) : null };
}

/** A pause takes the place of what the same side stopped before. */
export function withPause(record: ProductRecord, pause: Pause, nowMs: number): RecordChange | null {
  const others = record.pauses.filter(({ stop, by }) => stop !== pause.stop || by !== pause.by);
  const same = record.pauses.find(({ stop, by }) => stop === pause.stop && by === pause.by);
  if (same?.until_ms === pause.until_ms && same.reason === pause.reason) return null;
  return changed(record, { ...record, pauses: [...others, pause] }, nowMs, nowMs);
}

/** An operator lifts everybody's pauses, a lender its own. @param stop absent = all stops */
export function withoutPauses(
  record: ProductRecord,
  { by, stop }: { readonly by: PausedBy; readonly stop?: Stop | undefined },
  nowMs: number,
): RecordChange | null {
  const isLifted = (pause: Pause): boolean =>
    (stop === undefined || pause.stop === stop) && (by === 'operator' || pause.by === 'lender');
  const pauses = record.pauses.filter((pause) => !isLifted(pause));
  return pauses.length === record.pauses.length ? null : changed(record, { ...record, pauses }, nowMs, nowMs);
}

/** The next pause that has lapsed ends, at the instant at which it did; called again until nothing has lapsed. */
export function withoutLapsed(record: ProductRecord, nowMs: number): RecordChange | null {
  const lapseMs = nextLapseMs(record.pauses);
  if (lapseMs === null || lapseMs > nowMs) return null;
  const pauses = record.pauses.filter((pause) => isLive(pause, lapseMs));
  return changed(record, { ...record, pauses }, lapseMs, nowMs);
}

/** When the first of these pauses lapses; null when none does by itself. */
export function nextLapseMs(pauses: readonly Pause[]): number | null {
  const ends = pauses.flatMap(({ until_ms: untilMs }) => (untilMs === null ? [] : [untilMs]));
  return ends.length === 0 ? null : Math.min(...ends);
}

/** @param atMs when it changed @param nowMs when it is written down */
function changed(before: ProductRecord, after: ProductRecord, atMs: number, nowMs: number): RecordChange | null {
  const stops = stopsNow(after.pauses, atMs);
  const status = statusNow(after.file_status, after.pauses, atMs);
  const names = [
    ...differingFields(before.fields, after.fields),
    ...(status === before.status ? [] : ['status']),
    ...(textOf(stops) === textOf(before.stops) ? [] : ['stops']),
  ];
  const next: ProductRecord = { ...after, stops, status };
  if (names.length === 0) return textOf(next) === textOf(before) ? null : { record: next, event: null };
  const record = { ...next, revision: before.revision + 1, updated_at: isoOf(atMs) };
  return { record, event: updatedEvent(record, names, nowMs) };
}

function updatedEvent(record: ProductRecord, names: readonly string[], nowMs: number): NewEvent {
  const { product_id, lender_id, status, stops, revision, updated_at } = record;
  return {
    type: 'product.updated',
    subject: product_id,
    occurred_at: updated_at,
    recorded_at: isoOf(nowMs),
    data: { product_id, lender_id, status, stops, changed: names, revision },
    context: null,
  };
}

function textOf(value: unknown): string {
  return JSON.stringify(value);
}
