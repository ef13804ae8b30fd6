import { describe, expect, test } from 'vitest';
import { firstRefusal, refusal } from '../../../src/screening/decision.ts';
import { type ClaimedApplication, standingOf } from '../../../src/screening/standing.ts';

const DAY = 86_400_000;
const start = Date.parse('2026-01-01T00:00:00.000Z');
const on = (day: number): string => new Date(start + day * DAY).toISOString();

/** Brought by partner A on day 0, locked for 30 days. */
const accepted: ClaimedApplication = {
  id: 'app_a',
  owner_id: 'a',
  status: 'in_review',
  customer: 'new',
  retry_at: null,
  lock_until: on(30),
  credit: null,
  loans: [],
};
const credit = { status: 'active', expires_at: on(90) };
const settled = { status: 'settled', disbursed_at: on(1) };

function seenBy(partner: string, change: Partial<ClaimedApplication>, day: number, revolving = false) {
  return standingOf({ ...accepted, ...change }, partner, revolving, start + day * DAY);
}

describe('the borrower comes back through partner B on day 40', () => {
  test('declined with a retry date that has passed: free and new', () => {
    expect(seenBy('b', { status: 'credit_declined', retry_at: on(30) }, 40)).toEqual({ kind: 'free', customer: 'new' });
  });
  test('declined with a retry date ahead: recently_refused for everybody until then', () => {
    const expected = refusal('recently_refused', { retryAtMs: start + 60 * DAY });
    const change = { status: 'credit_declined', retry_at: on(60) };
    expect(seenBy('b', change, 40)).toEqual({ kind: 'taken', refusal: expected });
    expect(seenBy('a', change, 40)).toEqual({ kind: 'taken', refusal: expected });
  });
  test('granted and undrawn: existing_customer has_credit', () => {
    const standing = seenBy('b', { status: 'credit_granted', credit }, 40);
    expect(standing).toMatchObject({ refusal: { reason: 'existing_customer', detail: 'has_credit' } });
  });
  test('a loan is running: existing_customer has_loan', () => {
    const loans = [{ status: 'active', disbursed_at: on(1) }];
    const standing = seenBy('b', { status: 'credit_granted', credit, loans }, 40);
    expect(standing).toMatchObject({ refusal: { reason: 'existing_customer', detail: 'has_loan' } });
  });
  test('settled with an open revolving credit: existing_customer has_credit', () => {
    const standing = seenBy('b', { status: 'credit_granted', credit, loans: [settled] }, 40, true);
    expect(standing).toMatchObject({ refusal: { reason: 'existing_customer', detail: 'has_credit' } });
  });
  test('settled and the credit closed: free, a returning customer', () => {
    const closed = { ...credit, status: 'closed' };
    const standing = seenBy('b', { status: 'credit_granted', credit: closed, loans: [settled] }, 40);
    expect(standing).toEqual({ kind: 'free', customer: 'returning' });
  });
  test('came back as a settled customer before and was declined: returning still', () => {
    const change = { status: 'credit_declined', customer: 'returning' } as const;
    expect(seenBy('b', change, 40)).toEqual({ kind: 'free', customer: 'returning' });
  });
  test('an instalment credit that was drawn is used up with its loan', () => {
    const standing = seenBy('b', { status: 'credit_granted', credit, loans: [settled] }, 40);
    expect(standing).toEqual({ kind: 'free', customer: 'returning' });
  });
});

describe('while the lock lasts', () => {
  test.each(['received', 'submitted', 'verifying', 'in_review', 'needs_input'])(
    '%s is other_channel to others until the lock ends',
    (status) => {
      const expected = refusal('other_channel', { retryAtMs: start + 30 * DAY });
      expect(seenBy('b', { status }, 10)).toEqual({ kind: 'taken', refusal: expected });
    },
  );
  test('what has ended stays its bringer’s until the lock ends, and only theirs', () => {
    expect(seenBy('b', { status: 'cancelled' }, 29)).toMatchObject({ refusal: { reason: 'other_channel' } });
    expect(seenBy('a', { status: 'cancelled' }, 29)).toEqual({ kind: 'free', customer: 'new' });
    expect(seenBy('b', { status: 'cancelled' }, 30)).toEqual({ kind: 'free', customer: 'new' });
  });
  test('one’s own is in_progress while decided, own while it waits for the applicant', () => {
    expect(seenBy('a', { status: 'in_review' }, 1)).toMatchObject({ refusal: { reason: 'in_progress' } });
    expect(seenBy('a', { status: 'needs_input' }, 1)).toMatchObject({ refusal: { reason: 'own' } });
    expect(seenBy('a', { status: 'credit_granted', credit }, 1)).toMatchObject({ refusal: { reason: 'own' } });
  });
  test('the lender’s own applicant is in_progress to everybody', () => {
    expect(seenBy('b', { owner_id: null }, 1)).toMatchObject({ refusal: { reason: 'in_progress' } });
  });
});

test('of several refusals the first in the contract’s order is told', () => {
  const all = [refusal('recently_refused'), refusal('own'), refusal('ineligible'), undefined, refusal('in_progress')];
  expect(firstRefusal(all)?.reason).toBe('ineligible');
  expect(firstRefusal([undefined])).toBeUndefined();
});
