import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { normaliseSubject } from '../../../src/identity/normalise-subject.ts';
import { precheck } from '../../../src/intake/precheck.ts';
import { ClaimStore, type Hold } from '../../../src/screening/claim-store.ts';
import { createTestIntake, nextPerson, PAID, type TestIntake } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let intake: TestIntake;

beforeAll(async () => {
  redis = await startTestRedis();
  intake = await createTestIntake(redis);
});
afterAll(() => redis.close());

/** Claims that remember every reservation that was placed, and may be told to lose the race for the n-th. */
class WatchedClaims extends ClaimStore {
  readonly placed: string[] = [];
  loseAt = Number.POSITIVE_INFINITY;

  override async place(lenderId: string, token: string, hold: Hold, nowMs: number, endedOwner?: string) {
    this.placed.push(`${lenderId} ${token}`);
    if (this.placed.length === this.loseAt) return { kind: 'claimed', ownerId: 'app_of_somebody' } as const;
    return super.place(lenderId, token, hold, nowMs, endedOwner);
  }
}

function ask(claims: ClaimStore, phone: string) {
  const identity = normaliseSubject({ phone });
  if (!identity.ok) throw new Error('no identity');
  const products = [...intake.registry.products.values()].filter(({ lender_id: lender }) => lender === 'quickcredit');
  expect(products.length).toBeGreaterThan(1);
  const input = { products, subject: identity.subject, reserve: true };
  return precheck({ ...intake.deps, claims }, intake.partner('acme'), input, PAID);
}

describe('a precheck that reserves for several products of one lender', () => {
  test('places each reservation once', async () => {
    const claims = new WatchedClaims(redis.client, redis.keys);
    const { answers } = await ask(claims, nextPerson().phone);
    expect(answers.map(({ reservedUntil }) => reservedUntil)).not.toContain(null);
    expect(new Set(claims.placed).size).toBe(claims.placed.length);
  });

  test('says reserved for all of them or for none', async () => {
    const { phone } = nextPerson();
    const claims = new WatchedClaims(redis.client, redis.keys);
    claims.loseAt = 2;
    const { answers } = await ask(claims, phone);
    expect(new Set(answers.map(({ reservedUntil }) => reservedUntil))).toEqual(new Set([null]));
    expect(new Set(answers.map(({ decision }) => decision.reason))).toEqual(new Set(['other_channel']));
    const tokens = claims.placed.map((place) => place.split(' ')[1] ?? '');
    const readings = await claims.read('quickcredit', tokens);
    expect(new Set(readings.map(({ hold }) => hold))).toEqual(new Set([null]));
  });
});
