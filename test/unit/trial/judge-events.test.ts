import { describe, expect, test } from 'vitest';
import { type EventsFacts, judgeEvents, type PostedEvent } from '../../../src/trial/judge-events.ts';
import { judgeStory } from '../../../src/trial/judge-story.ts';
import { STORIES } from '../../../src/trial/stories.ts';

const FACTS: EventsFacts = {
  storyOf: new Map([
    ['app_1', '0000'],
    ['app_9', '0009'],
  ]),
  disordered: new Set(['0009']),
  movedFrom: '2026-03-03T00:00:00.000Z',
  aheadMs: 0,
};

function event(id: string, over: Partial<PostedEvent> = {}): PostedEvent {
  const at = '2026-03-02T04:00:00.000Z';
  const row = { at, id, type: 'loan.disbursed', occurred_at: at, application_id: 'app_1', result: 'applied' } as const;
  return { ...row, code: null, detail: null, now: null, ...over };
}

function marked(events: readonly PostedEvent[], facts: Partial<EventsFacts> = {}): string[] {
  return judgeEvents(events, { ...FACTS, ...facts }).flatMap(({ id, verdict }) =>
    verdict === 'passed' ? [] : [`${verdict} ${id}`],
  );
}

describe('what the events of a trial say', () => {
  test('those in order, in time and taken say nothing', () => {
    expect(marked([event('1'), event('2', { occurred_at: '2026-03-02T04:00:01.000Z' })])).toEqual([]);
  });

  test('a row a code of rejection, with ids and what was wrong; taken later under its id it is only told', () => {
    const rejected = { result: 'rejected', code: 'currency_mismatch', detail: 'in USD' } as const;
    const checks = judgeEvents([event('1', rejected), event('2', rejected)], FACTS);
    expect(checks.find(({ id }) => id === 'rejected.currency_mismatch')).toMatchObject({
      verdict: 'failed',
      found: '2× 1 loan.disbursed (in USD); 2 loan.disbursed (in USD)',
      fix: expect.stringContaining('currency'),
    });
    const future = { result: 'rejected', code: 'occurred_in_future' } as const;
    expect(marked([event('1', future), event('1')])).toEqual(['noted rejected.occurred_in_future']);
  });

  test('what was held is told, what was held in vain is wrong, and the story that means it is left alone', () => {
    expect(marked([event('1', { result: 'held', now: 'applied' })])).toEqual(['noted held']);
    expect(marked([event('1', { result: 'held', now: 'rejected' })])).toEqual(['failed held']);
    expect(marked([event('1', { result: 'held', now: 'held' })])).toEqual(['failed held']);
    expect(marked([event('1', { application_id: 'app_9', result: 'held', now: 'applied' })])).toEqual([]);
  });

  test('order and repetition are told, but not of the story that means them', () => {
    const earlier = { occurred_at: '2026-03-02T03:59:59.000Z' };
    expect(marked([event('1'), event('2', earlier), event('1', { result: 'duplicate' })])).toEqual([
      'noted order',
      'noted repeated',
    ]);
    const meant = { application_id: 'app_9' };
    expect(
      marked([event('1', meant), event('2', { ...meant, ...earlier }), event('1', { ...meant, result: 'duplicate' })]),
    ).toEqual([]);
  });

  test('late is told after two minutes and wrong after five, while the clock was not moved by days', () => {
    const late = (minutes: number) => event('1', { occurred_at: `2026-03-02T03:${60 - minutes}:00.000Z` });
    expect([2, 3, 6].map((minutes) => marked([late(minutes)]))).toEqual([[], ['noted clock'], ['failed clock']]);
    expect(marked([event('1', { at: '2026-03-04T00:00:00.000Z' })])).toEqual([]);
  });

  test('a core in real time at a gateway whose clock was moved is not late, and is told so', () => {
    const aheadMs = 10 * 86_400_000;
    expect(marked([event('1', { at: '2026-03-12T04:00:00.000Z' })], { aheadMs, movedFrom: null })).toEqual([
      'noted offset',
    ]);
  });

  test('applications of others are left out; with none of its own, nothing arrived', () => {
    const others = event('1', { application_id: 'app_2', result: 'rejected', code: 'too_old' });
    expect(marked([others])).toEqual(['failed arrived']);
  });
});

describe('what becomes of a story', () => {
  const story = STORIES.find(({ key }) => key === '0000');
  if (story === undefined) throw new Error('no 0000');
  const seen = { id: 'app_1', partner_ref: null, status: 'credit_granted', reason: null, next_action: null };
  const played = {
    story,
    seen: { ...seen, credit: null, loans: [], created_at: '' },
    finding: null,
    untried: null,
    laterMet: false,
  };
  const granted = event('1', { type: 'credit.granted', occurred_at: '2026-03-02T03:59:00.000Z' });

  test('it passes when what tells of it happened in its order, whatever came between and however it arrived', () => {
    expect(judgeStory(played, [event('2'), event('3', { type: 'loan.paying_out' }), granted]).verdict).toBe('passed');
    expect(judgeStory(played, [event('2')])).toMatchObject({
      verdict: 'failed',
      found: expect.stringContaining('credit.granted'),
    });
    expect(judgeStory({ ...played, laterMet: true }, [granted, event('2')]).found).toContain('installment.paid');
  });

  test('what its ending never sees fails it', () => {
    const overdue = event('3', { type: 'loan.overdue', occurred_at: '2026-03-02T05:00:00.000Z' });
    expect(judgeStory(played, [granted, event('2'), overdue]).verdict).toBe('failed');
  });

  test('where its own events were rejected, those are to be mended first', () => {
    const finding = { found: 'loan requested after 30 s', fix: 'Post loan.disbursed.' };
    const rejected = event('2', { result: 'rejected', code: 'schedule_sum_mismatch' });
    expect(judgeStory({ ...played, finding }, [granted, rejected])).toMatchObject({
      found: 'loan requested after 30 s; rejected: loan.disbursed (schedule_sum_mismatch)',
      fix: expect.stringContaining('rejected first'),
    });
  });
});
