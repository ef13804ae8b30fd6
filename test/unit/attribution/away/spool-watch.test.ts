import { expect, test } from 'vitest';
import { SpoolWatch } from '../../../../src/attribution/away/spool-watch.ts';

const segment = { stem: 'clicks-1-2.3', owner: 'free', path: '/x', bytes: 10, begunAtMs: 0 };

test('what is wrong with the spool is told once a minute, and counted each time', () => {
  const told: string[] = [];
  let nowMs = 0;
  const watch = new SpoolWatch(
    (error) => told.push(String(error)),
    () => nowMs,
  );
  for (let second = 0; second < 120; second += 1) {
    nowMs = second * 1_000;
    watch.kept('kept');
    watch.kept('full');
    watch.failed(Object.assign(new Error('no space left'), { code: 'ENOSPC' }));
  }
  expect(watch.counts.kept).toEqual({ kept: 120, full: 120, failed: 0, slow: 0 });
  expect(told.filter((line) => line.includes('reached its size'))).toHaveLength(2);
  expect(told.filter((line) => line.includes('no space left'))).toHaveLength(2);
});

test('damaged records are told each time, with the file they are in; a replay without any is not', () => {
  const told: string[] = [];
  const watch = new SpoolWatch(
    (error) => told.push(String(error)),
    () => 0,
  );
  watch.replayed(segment, { records: 5, damaged: 0, isTorn: true });
  watch.replayed(segment, { records: 5, damaged: 2, isTorn: false });
  expect(told).toHaveLength(1);
  expect(told[0]).toContain('clicks-1-2.3.damaged');
  expect(watch.counts).toMatchObject({ replayed: 10, damaged: 2 });
});
