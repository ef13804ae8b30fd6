import { describe, expect, test } from 'vitest';
import { parseLenderEvent } from '../../../../src/applications/lifecycle/lender-event.ts';
import { at, submitted, tell, wire } from './story.ts';

const liveness = { kind: 'liveness', provider: 'face-vendor', result: 'pass', score: 0.93, ref: 'F-1', at: at(0.1) };
const phoneCall = { kind: 'voice', provider: 'call-centre', result: 'unknown', ref: 'call 13800138000', at: at(0.2) };

describe('what a lender has checked', () => {
  test('comes along with its word, is kept as the lender’s, and stands in the log without the person', () => {
    const { application, events } = tell(submitted(), [
      wire('application.verifying', 0.2, { verifications: [liveness] }),
      wire('application.in_review', 0.3, { verifications: [phoneCall, liveness] }),
    ]);
    const shown = [
      { ...liveness, by: 'lender' },
      { ...phoneCall, ref: 'call ***', by: 'lender' },
    ];
    expect(application.verifications).toEqual(shown);
    const told = events.map(({ type, data }) => [type, (data.verifications as unknown[] | undefined)?.length]);
    expect(told).toEqual([
      ['application.verifying', 1],
      ['application.in_review', 2],
    ]);
    expect(JSON.stringify(events)).not.toContain('13800138000');
  });

  test('changes nothing of what its word means without it', () => {
    const plain = tell(submitted(), [wire('application.verifying', 0.2)]).application;
    const checked = tell(submitted(), [wire('application.verifying', 0.2, { verifications: [liveness] })]).application;
    expect({ ...checked, verifications: plain.verifications }).toEqual(plain);
  });

  test.each([
    ['an unknown kind', { ...liveness, kind: 'horoscope' }],
    ['no provider', { ...liveness, provider: '' }],
    ['a result of its own', { ...liveness, result: 'maybe' }],
  ])('is refused with %s', (_, verification) => {
    const raw = wire('application.verifying', 0.2, { verifications: [verification] });
    const detail = expect.stringMatching(/^\/data\/verifications\/0\//);
    expect(parseLenderEvent(raw)).toMatchObject({ ok: false, detail });
  });
});
