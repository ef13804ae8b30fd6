import { describe, expect, test } from 'vitest';
import { secondsBucket } from '../../../../src/insight/pages/page-event.ts';
import { type PageCell, pageFunnel } from '../../../../src/insight/pages/page-funnel.ts';
import { type LoadedBy, PageLoads } from '../../../../src/insight/pages/page-loads.ts';

const HOUR_MS = 3_600_000;
const BY: LoadedBy = {
  clickId: 'clk_1f8ac10f23c5b5bc1167bda84b833e5c',
  partnerId: 'acme',
  linkCode: 'acme-home',
  productId: 'quick-cash',
  variant: 'short~3f2a91',
  device: 'mobile',
};

describe('the funnel of a page', () => {
  const cells: PageCell[] = [
    {
      day: '2026-03-01',
      device: 'mobile',
      variant: null,
      measures: {
        views: 12,
        'once:views': 10,
        'once:starts': 5,
        'once:submits': 2,
        'submit_in:60': 1,
        'submit_in:600': 1,
      },
    },
    {
      day: '2026-03-02',
      device: 'desktop',
      variant: 'short',
      measures: {
        views: 2,
        'once:views': 2,
        'once:starts': 2,
        'error:contacts.0.name:required': 3,
        'error:otp:otp_wrong': 4,
        'submit_in:30': 1,
      },
    },
  ];

  test('adds up by day, device and variant, with conversion of visitors', () => {
    const funnel = pageFunnel(cells);
    expect(funnel.total).toMatchObject({ page_views: 14, visitors: 12, started: 7, submitted: 2 });
    expect(funnel.total.rates.started).toBeCloseTo(7 / 12, 10);
    expect(funnel.by_day.map(({ day, visitors }) => [day, visitors])).toEqual([
      ['2026-03-01', 10],
      ['2026-03-02', 2],
    ]);
    expect(funnel.by_device.map(({ device }) => device)).toEqual(['desktop', 'mobile']);
    expect(funnel.by_variant.map(({ variant }) => variant)).toEqual([null, 'short']);
    expect(funnel.by_variant[1]?.rates).toEqual({ started: 1, otp_sent: 0, submitted: 0 });
  });

  test('names the errors that people make, most frequent first, and the median time to the form that was sent', () => {
    const funnel = pageFunnel(cells);
    expect(funnel.errors).toEqual([
      { field: 'otp', code: 'otp_wrong', count: 4 },
      { field: 'contacts.0.name', code: 'required', count: 3 },
    ]);
    expect(funnel.seconds_to_submit.median).toBe(60);
    expect(pageFunnel([]).seconds_to_submit.median).toBeNull();
    expect(pageFunnel([]).total.rates).toEqual({ started: null, otp_sent: null, submitted: null });
  });

  test('keeps times as coarse steps', () => {
    expect([0, 3_000, 3_001, 59_999, 3_600_001].map(secondsBucket)).toEqual([3, 3, 10, 60, 3600]);
  });
});

describe('the name of a page load', () => {
  const loads = new PageLoads(Buffer.alloc(32, 7));

  test('says what its events count under, and is another one at each load', () => {
    const { load, name } = loads.open(BY, 1_000);
    expect(loads.read(name, 2_000)).toEqual(load);
    expect(load).toMatchObject({ ...BY, openedAtMs: 1_000 });
    expect(loads.open(BY, 1_000).name).not.toBe(name);
    expect(name.length).toBeLessThan(700);
  });

  test('is ours, or it is none: changed, made by somebody else, or a day old', () => {
    const { name } = loads.open(BY, 1_000);
    const [body = '', mac = ''] = name.split('.');
    const forged = Buffer.from(JSON.stringify(['0', 'clk_x', 'other', 'x', 'y', null, 'mobile', 1_000])).toString(
      'base64url',
    );
    expect(loads.read(`${forged}.${mac}`, 1_000)).toBeUndefined();
    expect(loads.read(`${body}x.${mac}`, 1_000)).toBeUndefined();
    expect(loads.read('', 1_000)).toBeUndefined();
    expect(loads.read(name.slice(0, -1), 1_000)).toBeUndefined();
    expect(new PageLoads(Buffer.alloc(32, 8)).read(name, 1_000)).toBeUndefined();
    expect(loads.read(name, 1_000 + 24 * HOUR_MS)).toBeDefined();
    expect(loads.read(name, 1_001 + 24 * HOUR_MS)).toBeUndefined();
  });
});
