import { describe, expect, test } from 'vitest';
import { attributionView } from '../../../src/attribution/attribution-view.ts';
import { decideAttribution } from '../../../src/attribution/decide-attribution.ts';
import { DAY_MS } from '../../../src/base/clock.ts';

const NOW = Date.parse('2026-03-02T04:00:00.000Z');
const window = { minAgeSeconds: 15, maxAgeDays: 30, linkCode: null };
const verdict = decideAttribution({
  touches: [
    { kind: 'click', id: 'clk_a', partnerId: 'acme', atMs: NOW - 2 * DAY_MS, ...window },
    { kind: 'handoff', id: 'hnd_b', partnerId: 'summit', atMs: NOW - DAY_MS, ...window },
  ],
  firstOrLast: 'last',
  decidedAtMs: NOW,
});

describe('a verdict as it is told', () => {
  test('a partner sees its own candidate whole and of another partner neither name nor id', () => {
    const view = attributionView(verdict, 'acme');
    expect(view.winner).toEqual({
      partner_id: null,
      via: 'handoff',
      reason: 'last_touch',
      touch: { kind: 'handoff', id: null },
    });
    expect(view.candidates.map(({ touch, partner_id, why }) => [touch.id, partner_id, why])).toEqual([
      [null, null, 'last_touch'],
      ['clk_a', 'acme', 'older_touch'],
    ]);
    expect(JSON.stringify(view)).not.toContain('summit');
  });

  test('an operator sees every candidate', () => {
    const view = attributionView(verdict, null);
    expect(view.winner?.partner_id).toBe('summit');
    expect(view.candidates.map((one) => one.partner_id)).toEqual(['summit', 'acme']);
  });

  test('nobody won: there is no winner', () => {
    const direct = decideAttribution({ touches: [], firstOrLast: 'last', decidedAtMs: NOW });
    expect(attributionView(direct, 'acme')).toEqual({
      model: 'last_valid',
      winner: null,
      candidates: [],
      decided_at: '2026-03-02T04:00:00.000Z',
    });
  });
});
