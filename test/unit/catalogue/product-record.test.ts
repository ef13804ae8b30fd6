import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isoOf } from '../../../src/base/clock.ts';
import { type Pause, STOPS, type Stop, stoppedNow, stopsNow } from '../../../src/catalogue/pause.ts';
import {
  type FileFacts,
  type ProductRecord,
  withFile,
  withoutLapsed,
  withoutPauses,
  withPause,
} from '../../../src/catalogue/product-record.ts';
import { statusNow } from '../../../src/catalogue/product-status.ts';

const NOW = Date.parse('2026-03-02T10:00:00.000Z');
const FACTS: FileFacts = {
  lender_id: 'quickcredit',
  listed: true,
  file_status: 'open',
  fields: { apr: 'a', name: 'b' },
};
const FIRST = withFile(undefined, 'quick-cash', FACTS, NOW, false)?.record as ProductRecord;

function pause(stop: Stop, over: Partial<Pause> = {}): Pause {
  return { stop, by: 'operator', until_ms: null, reason: 'maintenance', name: 'li.na', at: isoOf(NOW), ...over };
}

describe('what is paused', () => {
  test('lasts until the last of several pauses of the same stop ends', () => {
    const both = [pause('new', { until_ms: NOW + 2 }), pause('new', { by: 'lender', until_ms: NOW + 5 })];
    expect(stoppedNow(both, 'new', NOW)).toEqual({ untilMs: NOW + 5 });
    expect(stoppedNow(both, 'new', NOW + 5)).toBeUndefined();
    expect(stoppedNow([...both, pause('new')], 'new', NOW)).toEqual({ untilMs: null });
    expect(stoppedNow(both, 'drawdowns', NOW)).toBeUndefined();
  });

  test.each([
    ['open', 'open', 'paused'],
    ['paused', 'paused', 'paused'],
    ['closed', 'closed', 'closed'],
  ] as const)('with a file that says %s, a pause makes it from %s to %s', (file, without, paused) => {
    expect(statusNow(file, [], NOW)).toBe(without);
    expect(statusNow(file, [pause('new')], NOW)).toBe(paused);
    expect(statusNow(file, [pause('submissions'), pause('drawdowns')], NOW)).toBe(without);
  });
});

describe('what is told of a product', () => {
  test('nothing when it is seen for the first time, everything when it is new on the shelf', () => {
    expect(withFile(undefined, 'quick-cash', FACTS, NOW, false)?.event).toBeNull();
    const added = withFile(undefined, 'quick-cash', FACTS, NOW, true);
    expect(added?.event).toMatchObject({
      type: 'product.updated',
      subject: 'quick-cash',
      data: { product_id: 'quick-cash', status: 'open', stops: [], changed: ['apr', 'name', 'status'], revision: 1 },
    });
  });

  test('the fields that changed, and when; the same files again are no news', () => {
    const later = NOW + 1_000;
    const change = withFile(FIRST, 'quick-cash', { ...FACTS, fields: { apr: 'c', name: 'b' } }, later, true);
    expect(change?.event?.data).toMatchObject({ changed: ['apr'], revision: 2 });
    expect(change?.record.updated_at).toBe(isoOf(later));
    expect(
      withFile(change?.record, 'quick-cash', { ...FACTS, fields: { apr: 'c', name: 'b' } }, later, true),
    ).toBeNull();
  });

  test('pausing and resuming, each once; asking again changes nothing', () => {
    const paused = withPause(FIRST, pause('new'), NOW);
    expect(paused?.event?.data).toMatchObject({ status: 'paused', changed: ['status', 'stops'] });
    const record = paused?.record as ProductRecord;
    expect(withPause(record, pause('new', { name: 'wang' }), NOW)).toBeNull();
    const resumed = withoutPauses(record, { by: 'operator' }, NOW);
    expect(resumed?.event?.data).toMatchObject({ status: 'open', stops: [] });
    expect(withoutPauses(resumed?.record as ProductRecord, { by: 'operator' }, NOW)).toBeNull();
  });

  test('another reason is kept and not told', () => {
    const record = withPause(FIRST, pause('new'), NOW)?.record as ProductRecord;
    const change = withPause(record, pause('new', { reason: 'other' }), NOW + 1);
    expect(change?.event).toBeNull();
    expect(change?.record).toMatchObject({ revision: record.revision, updated_at: record.updated_at });
  });

  test('a pause that lapses is told as of that instant, however late somebody looks', () => {
    const until = NOW + 60_000;
    const record = withPause(FIRST, pause('new', { until_ms: until }), NOW)?.record as ProductRecord;
    expect(withoutLapsed(record, until - 1)).toBeNull();
    const change = withoutLapsed(record, until + 9_000);
    expect(change?.event).toMatchObject({ occurred_at: isoOf(until), recorded_at: isoOf(until + 9_000) });
    expect(change?.record).toMatchObject({ status: 'open', pauses: [], updated_at: isoOf(until) });
  });

  test('a lender does not lift what an operator has paused', () => {
    const both = [pause('new'), pause('new', { by: 'lender' }), pause('drawdowns', { by: 'lender' })];
    const record: ProductRecord = { ...FIRST, pauses: both, status: 'paused', stops: stopsNow(both, NOW) };
    expect(withoutPauses(record, { by: 'lender' }, NOW)?.record).toMatchObject({ status: 'paused', pauses: [both[0]] });
    expect(withoutPauses(record, { by: 'lender', stop: 'new' }, NOW)?.event).toBeNull();
    expect(withoutPauses(record, { by: 'operator', stop: 'new' }, NOW)?.record.pauses).toEqual([both[2]]);
    expect(withoutPauses(record, { by: 'operator' }, NOW)?.record.pauses).toEqual([]);
  });

  test('whatever is done in whatever order, an event tells exactly the changes of what is shown', () => {
    const act = fc.oneof(
      fc.record({
        do: fc.constant('pause' as const),
        stop: fc.constantFrom(...STOPS),
        by: fc.constantFrom('operator' as const, 'lender' as const),
        forMs: fc.option(fc.integer({ min: 1, max: 50 }), { nil: null }),
      }),
      fc.record({
        do: fc.constant('resume' as const),
        by: fc.constantFrom('operator' as const, 'lender' as const),
        stop: fc.option(fc.constantFrom(...STOPS), { nil: undefined }),
      }),
      fc.record({ do: fc.constant('file' as const), status: fc.constantFrom('open' as const, 'paused', 'closed') }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), act), { maxLength: 30 }), (acts) => {
        let record = FIRST;
        let nowMs = NOW;
        const take = (change: ReturnType<typeof withPause>): void => {
          if (change === null) return;
          const shown = ({ status, stops }: ProductRecord): string => JSON.stringify([status, stops]);
          expect(change.event !== null).toBe(shown(change.record) !== shown(record));
          expect(change.record.revision).toBe(record.revision + (change.event === null ? 0 : 1));
          record = change.record;
        };
        for (const [waitMs, one] of acts) {
          nowMs += waitMs;
          for (let lapsed = withoutLapsed(record, nowMs); lapsed; lapsed = withoutLapsed(record, nowMs)) take(lapsed);
          if (one.do === 'pause') {
            const until_ms = one.forMs === null ? null : nowMs + one.forMs;
            take(withPause(record, pause(one.stop, { by: one.by, until_ms }), nowMs));
          } else if (one.do === 'resume') take(withoutPauses(record, one, nowMs));
          else take(withFile(record, 'quick-cash', { ...FACTS, file_status: one.status }, nowMs, true));
          expect(record.stops).toEqual(stopsNow(record.pauses, nowMs));
          expect(record.status).toBe(statusNow(record.file_status, record.pauses, nowMs));
          expect(new Set(record.pauses.map(({ stop, by }) => `${stop} ${by}`)).size).toBe(record.pauses.length);
        }
      }),
    );
  });
});
