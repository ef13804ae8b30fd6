import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { decideChange, type OperatorChange } from '../../../src/operators/decide-change.ts';
import { type Actor, BOOTSTRAP, type OperatorAccount, statusOfOperator } from '../../../src/operators/operator.ts';
import { freshToken, OperatorStore } from '../../../src/operators/operator-store.ts';
import { connectRedis, type RedisClient } from '../../../src/redis/connection.ts';
import { createKeyspace } from '../../../src/redis/keyspace.ts';
import { TestClock } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let elsewhere: RedisClient;
let store: OperatorStore;
/** The same accounts, in another process. */
let other: OperatorStore;
const clock = new TestClock('2026-03-02T00:00:00.000Z');
let stores = 0;

beforeAll(async () => {
  redis = await startTestRedis();
  elsewhere = await connectRedis({ url: redis.url });
});
afterAll(async () => {
  elsewhere.disconnect();
  await redis.close();
});
beforeEach(() => {
  stores += 1;
  clock.moveTo('2026-03-02T00:00:00.000Z');
  const keys = createKeyspace(`ops${stores}:`);
  store = new OperatorStore(redis.client, keys, clock);
  other = new OperatorStore(elsewhere, keys, clock);
});

async function add(name: string, role: Actor['role'] = 'finance', expiresAt: string | null = null) {
  const { token, sha256 } = freshToken();
  const verdict = await store.change({ do: 'create', name, role, expiresAt, tokenSha256: sha256 }, BOOTSTRAP);
  return { token, sha256, verdict };
}

describe('operator accounts', () => {
  test('a token has 256 random bits and finds its operator in every process', async () => {
    const { token, sha256 } = await add('li.na');
    expect(token).toMatch(/^slo_[A-Za-z0-9_-]{43}$/);
    expect(createHash('sha256').update(token).digest('hex')).toBe(sha256);
    expect(await other.findByToken(sha256)).toEqual({ name: 'li.na', role: 'finance' });
    expect(await other.findByToken(freshToken().sha256)).toBeUndefined();
  });

  test('a revoked operator is refused at once in every process, for ever', async () => {
    const { sha256 } = await add('li.na');
    expect((await other.change({ do: 'revoke', name: 'li.na' }, BOOTSTRAP)).ok).toBe(true);
    expect(await store.findByToken(sha256)).toBeUndefined();
    expect(await redis.client.exists(createKeyspace(`ops${stores}:`).shard(0, 'operators', 'tokens'))).toBe(0);
    const again = await store.change({ do: 'reissue', name: 'li.na', tokenSha256: freshToken().sha256 }, BOOTSTRAP);
    expect(again).toEqual({ ok: false, code: 'operator_revoked' });
    expect((await add('li.na')).verdict).toEqual({ ok: false, code: 'operator_exists' });
  });

  test('with a new token the old one is refused at once', async () => {
    const old = await add('li.na');
    const fresh = freshToken();
    await other.change({ do: 'reissue', name: 'li.na', tokenSha256: fresh.sha256 }, BOOTSTRAP);
    expect(await store.findByToken(old.sha256)).toBeUndefined();
    expect(await store.findByToken(fresh.sha256)).toEqual({ name: 'li.na', role: 'finance' });
  });

  test('a token is refused from the instant at which its account expires, and taken again when that is put off', async () => {
    const { sha256 } = await add('temp', 'support', '2026-03-03T00:00:00.000Z');
    clock.moveTo('2026-03-02T23:59:59.999Z');
    expect(await store.findByToken(sha256)).toBeDefined();
    clock.moveTo('2026-03-03T00:00:00.000Z');
    expect(await store.findByToken(sha256)).toBeUndefined();
    const fresh = freshToken();
    const kept = await store.change({ do: 'reissue', name: 'temp', tokenSha256: fresh.sha256 }, BOOTSTRAP);
    expect(kept).toEqual({ ok: false, code: 'expiry_past' });
    await store.change({ do: 'reissue', name: 'temp', tokenSha256: fresh.sha256, expiresAt: null }, BOOTSTRAP);
    expect(await store.findByToken(fresh.sha256)).toBeDefined();
  });

  test('of many who ask for one name at once, one gets it', async () => {
    const verdicts = await Promise.all(Array.from({ length: 12 }, () => add('li.na')));
    expect(verdicts.filter(({ verdict }) => verdict.ok)).toHaveLength(1);
    const winner = verdicts.find(({ verdict }) => verdict.ok);
    expect(await other.findByToken(winner?.sha256 ?? '')).toEqual({ name: 'li.na', role: 'finance' });
  });

  test('two admins who revoke each other at once leave one', async () => {
    const anns = await add('ann', 'admin');
    const bens = await add('ben', 'admin');
    const verdicts = await Promise.all([
      store.change({ do: 'revoke', name: 'ben' }, { name: 'ann', role: 'admin' }),
      other.change({ do: 'revoke', name: 'ann' }, { name: 'ben', role: 'admin' }),
    ]);
    expect(verdicts.filter(({ ok }) => ok)).toHaveLength(1);
    expect(verdicts.find(({ ok }) => !ok)).toEqual({ ok: false, code: 'last_admin' });
    const left = await Promise.all([anns, bens].map(({ sha256 }) => store.findByToken(sha256)));
    expect(left.filter((one) => one !== undefined)).toHaveLength(1);
  });

  test('a write whose reply was lost is not made twice', async () => {
    const keys = createKeyspace(`ops${stores}:`);
    const forgetful = new Proxy(redis.client, {
      get(target, member) {
        const value = Reflect.get(target, member);
        if (member !== 'evalsha') return typeof value === 'function' ? value.bind(target) : value;
        return async (...args: Parameters<RedisClient['evalsha']>) => {
          await target.evalsha(...args).catch(() => undefined);
          return target.evalsha(...args);
        };
      },
    });
    await add('first');
    const resending = new OperatorStore(forgetful, keys, clock);
    const { sha256 } = freshToken();
    const change = { do: 'create', name: 'li.na', role: 'risk', expiresAt: null, tokenSha256: sha256 } as const;
    expect((await resending.change(change, BOOTSTRAP)).ok).toBe(true);
    expect((await resending.change({ do: 'revoke', name: 'li.na' }, BOOTSTRAP)).ok).toBe(true);
    expect(await redis.client.hget(keys.shard(0, 'operators'), '#rev')).toBe('3');
  });
});

const NOW = '2026-03-02T00:00:00.000Z';
const names = ['ann', 'ben', 'cai'] as const;
const step = fc.record({
  actor: fc.constantFrom('bootstrap', ...names),
  change: fc.oneof(
    fc.record({
      do: fc.constant('create' as const),
      name: fc.constantFrom(...names, 'bootstrap', 'Not a name'),
      role: fc.constantFrom('admin' as const, 'risk' as const),
      expiresAt: fc.constant(null),
      tokenSha256: fc.uuid(),
    }),
    fc.record({ do: fc.constant('revoke' as const), name: fc.constantFrom(...names) }),
    fc.record({ do: fc.constant('reissue' as const), name: fc.constantFrom(...names), tokenSha256: fc.uuid() }),
  ) as fc.Arbitrary<OperatorChange>,
});

test('whatever is asked in whatever order, no admin but the bootstrap takes the last admin away, and no name comes back', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const accounts = new Map<string, OperatorAccount>();
      const admins = () =>
        [...accounts.values()].filter((a) => a.role === 'admin' && statusOfOperator(a, NOW) === 'active');
      for (const { actor, change } of steps) {
        const before = admins().length;
        const held = accounts.get(change.name);
        const verdict = decideChange([...accounts.values()], change, { name: actor, role: 'admin' }, NOW);
        if (!verdict.ok) continue;
        const { account } = verdict;
        expect(account.name).not.toBe('bootstrap');
        if (held !== undefined) expect([change.do === 'create', account.role]).toEqual([false, held.role]);
        if (held?.revoked_at != null) expect(account).toEqual(held);
        accounts.set(account.name, account);
        if (before > 0 && actor !== 'bootstrap') expect(admins().length).toBeGreaterThan(0);
      }
    }),
  );
});
