import { describe, expect, test } from 'vitest';
import { castErrands, type Errand } from '../../../src/demo/cast-errands.ts';
import { demoCalendar } from '../../../src/demo/demo-calendar.ts';
import { loadRegistry } from '../../../src/registry/load-registry.ts';
import { SHIPPED_PARTNERS } from '../../support/intake.ts';

const loaded = await loadRegistry(SHIPPED_PARTNERS);
if (!loaded.ok) throw new Error('the shipped counterparty files do not load');
const { registry } = loaded;
const nowMs = Date.parse('2026-12-01T02:00:00Z');
const cast = (count: number, seed = 'demo') => castErrands(registry, { seed, count, nowMs });
const applicationsOf = (errands: readonly Errand[]) =>
  errands.reduce((sum, { kind }) => sum + (kind === 'rivals' ? 2 : 1), 0);

describe('who plays in the demo', () => {
  test('the same seed and month give the same people, another seed others', () => {
    const phones = (errands: readonly Errand[]) => errands.map(({ wish }) => wish.person.phone);
    expect(phones(cast(60))).toEqual(phones(cast(60)));
    expect(phones(cast(60, 'other'))).not.toEqual(phones(cast(60)));
  });

  test('there are exactly as many applications as were asked for, rivals counted twice', () => {
    for (const count of [20, 40, 41, 300]) expect(applicationsOf(cast(count))).toBe(count);
  });

  test('about two fifths come by Acme, a third by Summit, a quarter by link; every product is sold that takes no photos', () => {
    const errands = cast(300);
    const share = (predicate: (errand: Errand) => boolean) => errands.filter(predicate).length / 300;
    expect(share((one) => one.kind === 'rivals' || (one.kind === 'platform' && one.partnerId === 'acme'))).toBeCloseTo(
      0.4,
      1,
    );
    expect(
      share((one) => one.kind === 'rivals' || (one.kind === 'platform' && one.partnerId === 'summit')),
    ).toBeCloseTo(0.35, 1);
    expect(share((one) => one.kind === 'link')).toBeCloseTo(0.25, 1);
    const products = [...registry.products.values()];
    const withoutPhotos = products.filter(({ requirements }) => requirements.documents.length === 0);
    expect(new Set(errands.map(({ wish }) => wish.product.id))).toEqual(new Set(withoutPhotos.map(({ id }) => id)));
  });

  test('even a small cast has rivals, prechecks, people whom the rules refuse, and every story of the lender', () => {
    const errands = cast(40);
    expect(errands.some(({ kind }) => kind === 'rivals')).toBe(true);
    expect(errands.some((one) => one.kind === 'platform' && one.precheckFirst)).toBe(true);
    expect(errands.some(({ wish }) => wish.amount > wish.product.amount.max)).toBe(true);
    const suffixes = new Set(cast(300).map(({ wish }) => wish.person.phone.slice(-4)));
    for (const suffix of ['0000', '0001', '0002', '0003', '0004', '0005', '0006', '0007', '0010']) {
      expect(suffixes).toContain(suffix);
    }
  });
});

describe('the demo’s months', () => {
  test('begin with the next first of a month in Shanghai, and end after two whole ones', () => {
    // Still the 31st in UTC, already the 1st in Shanghai.
    const calendar = demoCalendar(Date.parse('2026-12-31T18:00:00Z'));
    expect(calendar.months).toEqual(['2027-02-01', '2027-03-01']);
    expect(new Date(calendar.startMs).toISOString()).toBe('2027-02-01T02:00:00.000Z');
    expect(new Date(calendar.secondMonth.at(-1) ?? 0).toISOString()).toBe('2027-04-04T02:00:00.000Z');
    const stops = [calendar.startMs, ...calendar.firstMonth, ...calendar.secondMonth];
    expect(stops).toEqual([...stops].sort((a, b) => a - b));
  });
});
