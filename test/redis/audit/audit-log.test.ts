import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  AUDIT_GENESIS,
  type AuditDraft,
  type AuditEntry,
  canonicalText,
  sealAuditEntry,
} from '../../../src/audit/audit-entry.ts';
import { AuditLog, auditKey, auditKeys } from '../../../src/audit/audit-log.ts';
import { AuditReader } from '../../../src/audit/audit-reader.ts';
import { type AuditedActDeps, AuditUnavailableError, auditedAct } from '../../../src/audit/audited-act.ts';
import { type CheckAuditDeps, checkAudit } from '../../../src/audit/check-audit.ts';
import { connectRedis, type RedisClient } from '../../../src/redis/connection.ts';
import { createKeyspace, type Keyspace } from '../../../src/redis/keyspace.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

const ROOT = Buffer.from('a-root-secret-for-tests-and-nothing-else');
const KEY = auditKey(ROOT);

let redis: TestRedis;
let second: RedisClient;
let keys: Keyspace;
let log: AuditLog;
let reader: AuditReader;
let logs = 0;

beforeAll(async () => {
  redis = await startTestRedis();
  second = await connectRedis({ url: redis.url });
});
afterAll(async () => {
  second.disconnect();
  await redis.close();
});
beforeEach(() => {
  logs += 1;
  keys = createKeyspace(`log${logs}:`);
  log = new AuditLog({ client: redis.client, keys, rootSecret: ROOT });
  reader = new AuditReader(redis.client, keys);
});

function draft(over: Partial<AuditDraft> = {}): AuditDraft {
  return {
    actor: { name: 'li.na', role: 'finance' },
    action: 'period.lock',
    object: { kind: 'period', id: 'acme/main/2026-01-01' },
    reason: null,
    before: null,
    after: null,
    outcome: 'intended',
    code: null,
    intent: null,
    request_id: 'req_1',
    ...over,
  };
}

function deps(over: Partial<AuditedActDeps> = {}): AuditedActDeps {
  return { audit: log, codeOf: (error) => (error instanceof Error ? error.message : 'unknown'), ...over };
}

function intent(id: string, over: { reason?: string; actor?: string; action?: string } = {}) {
  return {
    actor: { name: over.actor ?? 'li.na', role: 'finance' as const },
    action: over.action ?? 'period.lock',
    object: { kind: 'period', id },
    reason: over.reason ?? null,
    requestId: `req_${id}`,
  };
}

async function damage(over: Partial<CheckAuditDeps> = {}) {
  const { damage: found } = await checkAudit({ reader, key: KEY, ...over });
  return found === null ? null : `${found.seq} ${found.fault}`;
}

async function stored(): Promise<string[]> {
  const texts: string[] = [];
  for await (const { text } of reader.texts()) texts.push(text);
  return texts;
}

/** Writes the whole log anew, as somebody with access to Redis could. */
async function rewrite(texts: readonly string[]): Promise<void> {
  const { log: stream, head } = auditKeys(keys);
  await redis.client.del(stream);
  await Promise.all(texts.map((text, index) => redis.client.xadd(stream, `${index + 1}-0`, 'e', text)));
  const last = JSON.parse(texts.at(-1) ?? '{}') as AuditEntry;
  await redis.client.hset(head, { seq: last.seq, hash: last.hash, at: last.at, mac: last.mac });
}

async function threeActs(): Promise<string[]> {
  for (const id of ['a', 'b', 'c']) await auditedAct(deps(), intent(id), () => id);
  expect(await damage()).toBeNull();
  return stored();
}

describe('the chain', () => {
  test('two operators at once keep one chain: 200 concurrent appends from several processes', async () => {
    const processes = [redis.client, second, redis.client, second].map(
      (client) => new AuditLog({ client, keys, rootSecret: ROOT }),
    );
    const appended = await Promise.all(
      Array.from({ length: 200 }, (_, index) => processes[index % 4]?.append(draft({ request_id: `req_${index}` }))),
    );
    expect(new Set(appended.map((entry) => entry?.seq)).size).toBe(200);
    const requests = (await stored()).map((text) => (JSON.parse(text) as AuditEntry).request_id);
    expect([...requests].sort()).toEqual(Array.from({ length: 200 }, (_, index) => `req_${index}`).sort());
    expect(await checkAudit({ reader, key: KEY })).toMatchObject({ entries: 200, unfinished: 200, damage: null });
  });

  test('a changed, dropped, swapped or inserted entry is found', async () => {
    const texts = await threeActs();
    const at = (index: number) => JSON.parse(texts[index] ?? '') as AuditEntry;
    const [one = '', two = '', three = ''] = texts;
    const forgeries: Record<string, readonly [string[], RegExp]> = {
      'a changed reason': [texts.with(2, canonicalText({ ...at(2), reason: 'nothing to see' })), /^3 hash_mismatch$/],
      'a dropped entry': [texts.toSpliced(2, 1), /^3 /],
      'a dropped first entry': [texts.slice(1), /^1 /],
      'swapped entries': [[one, three, two, ...texts.slice(3)], /^2 /],
      'an inserted entry': [texts.toSpliced(2, 0, two), /^3 /],
      'other spaces': [texts.with(1, two.replace(',', ', ')), /^2 unreadable$/],
      rubbish: [texts.with(3, '{"seq":'), /^4 unreadable$/],
    };
    for (const [what, [forged, expected]] of Object.entries(forgeries)) {
      await rewrite(forged);
      expect(await damage(), what).toMatch(expected);
    }
    await rewrite(texts);
    expect(await damage()).toBeNull();
  });

  test('every single field of every entry is covered', async () => {
    const texts = await threeActs();
    for (const [index, text] of texts.entries()) {
      const entry = JSON.parse(text) as AuditEntry;
      for (const field of Object.keys(entry)) {
        const value = entry[field as keyof AuditEntry];
        const changed = typeof value === 'number' ? value + 1 : typeof value === 'string' ? `${value}x` : 'x';
        await rewrite(texts.with(index, canonicalText({ ...entry, [field]: changed })));
        expect(await damage(), `${field} of ${index + 1}`).toMatch(new RegExp(`^${index + 1} `));
      }
    }
  });

  test('a rewritten chain with right hashes but without the key is found', async () => {
    const texts = await threeActs();
    const forger = Buffer.from('somebody who has Redis but not the secret');
    const rewritten: string[] = [];
    let head = AUDIT_GENESIS;
    for (const text of texts) {
      const {
        seq: _seq,
        at,
        previous_hash: _previous,
        hash: _hash,
        mac: _mac,
        ...rest
      } = JSON.parse(text) as AuditEntry;
      const entry = sealAuditEntry(head, { ...rest, reason: 'rewritten' }, at, auditKey(forger));
      rewritten.push(canonicalText(entry));
      head = entry;
    }
    await rewrite(rewritten);
    expect(await damage()).toBe('1 mac_mismatch');
    expect(await damage({ key: auditKey(forger) }), 'its hashes are right').toBeNull();
    // MACs that once were right do not fit other hashes.
    const withOldMacs = rewritten.map((text, index) =>
      canonicalText({ ...JSON.parse(text), mac: (JSON.parse(texts[index] ?? '') as AuditEntry).mac }),
    );
    await rewrite(withOldMacs);
    expect(await damage()).toBe('1 mac_mismatch');
  });

  test('a tail that is cut off is found by the head, by what the stream remembers, or by a head noted elsewhere', async () => {
    const texts = await threeActs();
    const { log: stream, head } = auditKeys(keys);
    const last = JSON.parse(texts.at(-1) ?? '') as AuditEntry;
    await redis.client.xdel(stream, '6-0');
    expect(await damage()).toBe('6 head_mismatch');
    const fifth = JSON.parse(texts[4] ?? '') as AuditEntry;
    await redis.client.hset(head, { seq: 5, hash: fifth.hash, at: fifth.at, mac: fifth.mac });
    expect(await damage()).toBe('6 tail_cut');
    // All of Redis back to what once was true: only what was noted elsewhere tells.
    await rewrite(texts.slice(0, 4));
    await redis.client.hdel(auditKeys(keys).ends, '5');
    expect(await damage()).toBeNull();
    expect(await damage({ expected: [last] })).toBe('6 expected_head_missing');
  });

  test('a log that has become shorter is told by the process that saw it longer', async () => {
    const told: [number, number][] = [];
    const watching = new AuditLog({
      client: redis.client,
      keys,
      rootSecret: ROOT,
      onRegression: (seen, found) => told.push([seen.seq, found.seq]),
    });
    for (let n = 0; n < 4; n += 1) await watching.append(draft());
    await rewrite((await stored()).slice(0, 2));
    expect((await watching.append(draft())).seq).toBe(3);
    expect(told).toEqual([[4, 2]]);
  });

  test('an index that hides or makes up the end of an act is found', async () => {
    await threeActs();
    const { ends } = auditKeys(keys);
    await redis.client.hdel(ends, '3');
    expect(await damage()).toBe('6 ends_mismatch');
    await redis.client.hset(ends, '3', '2');
    expect(await damage()).toBe('3 ends_mismatch');
    await redis.client.hset(ends, '3', '4');
    expect(await damage()).toBeNull();
  });

  test('an append whose reply was lost is not made twice', async () => {
    const forgetful = new Proxy(redis.client, {
      get(target, member) {
        const value = Reflect.get(target, member);
        if (member !== 'evalsha') return typeof value === 'function' ? value.bind(target) : value;
        // As a client does that sends a command again after a reconnect: the first reply is never seen.
        return async (...args: Parameters<RedisClient['evalsha']>) => {
          await target.evalsha(...args).catch(() => undefined);
          return target.evalsha(...args);
        };
      },
    });
    const resending = new AuditLog({ client: forgetful, keys, rootSecret: ROOT });
    await log.append(draft());
    for (let n = 0; n < 5; n += 1) await resending.append(draft({ request_id: `req_${n}` }));
    expect(await stored()).toHaveLength(6);
    expect(await damage()).toBeNull();
  });
});

describe('an act', () => {
  test('is announced before it is done, and its end says what came of it', async () => {
    let seen: string[] = [];
    const result = await auditedAct(
      deps(),
      { ...intent('x', { reason: '月结' }), before: { state: 'review' } },
      async () => {
        seen = await stored();
        return { status: 'issued', secret: 'never written' };
      },
      ({ status }) => ({ status }),
    );
    expect(result.status).toBe('issued');
    expect(seen).toHaveLength(1);
    expect(JSON.parse(seen[0] ?? '')).toMatchObject({ seq: 1, outcome: 'intended', reason: '月结', after: null });
    const { acts } = await reader.page({}, 10);
    expect(acts).toMatchObject([
      { seq: 1, outcome: 'done', reason: '月结', before: { state: 'review' }, after: { status: 'issued' }, code: null },
    ]);
  });

  test('that fails is recorded with its code, and its error is told', async () => {
    const failing = auditedAct(deps(), intent('x'), () => Promise.reject(new Error('period_blocked')));
    await expect(failing).rejects.toThrow('period_blocked');
    expect((await reader.page({}, 10)).acts).toMatchObject([{ outcome: 'failed', code: 'period_blocked' }]);
    expect(await damage()).toBeNull();
  });

  test('whose audit entry cannot be written does not happen', async () => {
    const gone = await connectRedis({ url: redis.url });
    const lost = new AuditLog({ client: gone, keys, rootSecret: ROOT });
    await lost.append(draft());
    gone.disconnect();
    let happened = false;
    const act = () => {
      happened = true;
    };
    await expect(auditedAct(deps({ audit: lost }), intent('x'), act)).rejects.toThrow(AuditUnavailableError);
    expect(happened).toBe(false);
    expect(await stored()).toHaveLength(1);
  });

  test('whose end cannot be written keeps its result, is told, and shows as unfinished', async () => {
    const gone = await connectRedis({ url: redis.url });
    const lost: number[] = [];
    const result = await auditedAct(
      deps({
        audit: new AuditLog({ client: gone, keys, rootSecret: ROOT }),
        onLostEnd: ({ seq }) => lost.push(seq),
      }),
      intent('x'),
      () => {
        gone.disconnect();
        return 'done all the same';
      },
    );
    expect([result, lost]).toEqual(['done all the same', [1]]);
    expect((await reader.page({}, 10)).acts).toMatchObject([{ outcome: 'unfinished', ended_at: null }]);
  });

  test('that was killed half-way shows as unfinished', async () => {
    const script = new URL('../../support/killed-act-child.ts', import.meta.url).pathname;
    const args = ['--import', 'tsx', script, redis.url, keys.prefix, ROOT.toString()];
    const child = spawn(process.execPath, args, { stdio: 'inherit' });
    const [code, signal] = await once(child, 'exit');
    expect([code, signal]).toEqual([null, 'SIGKILL']);
    await auditedAct(deps(), intent('x'), () => 0);
    expect((await reader.page({}, 10)).acts.map(({ object, outcome }) => `${object.id} ${outcome}`)).toEqual([
      'x done',
      'killed unfinished',
    ]);
    expect(await checkAudit({ reader, key: KEY })).toMatchObject({ entries: 3, unfinished: 1, damage: null });
  });

  test('that must not be written as it is, is refused before it happens', async () => {
    let happened = false;
    const act = () => {
      happened = true;
    };
    const before = { phone: '13800138000' };
    await expect(auditedAct(deps(), { ...intent('x'), before }, act)).rejects.toThrow(/forbidden_name/);
    await expect(auditedAct(deps(), intent('13800138000'), act)).rejects.toThrow(/identity/);
    expect(happened).toBe(false);
    expect(await stored()).toEqual([]);
  });

  test('keeps no phone, identity number or token of its reason or its result', async () => {
    const reason = '13800138000 called about 11010519491231002X';
    await auditedAct(
      deps(),
      intent('x', { reason }),
      () => 0,
      () => ({ note: '13800138000' }),
    );
    const text = (await stored()).join('\n');
    for (const hidden of ['13800138000', '11010519491231002X']) expect(text).not.toContain(hidden);
    expect(text).toContain('withheld');
  });
});

describe('the listing', () => {
  test('is newest first, in pages, by actor, action, object and time', async () => {
    await auditedAct(deps(), intent('a', { actor: 'li.na', action: 'period.review' }), () => 0);
    await auditedAct(deps(), intent('b', { actor: 'wu', action: 'period.lock' }), () => 0);
    await delay(5);
    const between = new Date().toISOString();
    await delay(5);
    await auditedAct(deps(), intent('c', { actor: 'li.na', action: 'clock.move' }), () => 0);
    await log.append(draft({ object: { kind: 'period', id: 'd' }, actor: { name: 'wu', role: 'risk' } }));
    const ids = async (filter: Parameters<AuditReader['page']>[0]) =>
      (await reader.page(filter, 10)).acts.map(({ object }) => object.id).join('');
    expect(await ids({})).toBe('dcba');
    expect(await ids({ actor: 'li.na' })).toBe('ca');
    expect(await ids({ action: 'period' })).toBe('dba');
    expect(await ids({ action: 'period.review' })).toBe('a');
    expect(await ids({ objectKind: 'period', objectId: 'b' })).toBe('b');
    expect(await ids({ from: between })).toBe('dc');
    expect(await ids({ to: between })).toBe('ba');
    expect(await ids({ to: '2020-01-01T00:00:00.000Z' })).toBe('');
    const first = await reader.page({}, 2);
    const next = await reader.page({}, 2, first.next ?? 0);
    expect([...first.acts, ...next.acts].map(({ object }) => object.id).join('')).toBe('dcba');
    expect(next.next).toBeNull();
  });

  test('of a filter that nothing fits looks at a bounded number of entries, and goes on where it stopped', async () => {
    const texts: string[] = [];
    for (let head = AUDIT_GENESIS; head.seq < 6_000; ) {
      const entry = sealAuditEntry(head, draft(), '2026-03-02T04:05:06.000Z', KEY);
      texts.push(canonicalText(entry));
      head = entry;
    }
    await rewrite(texts);
    const page = await reader.page({ actor: 'nobody' }, 10);
    expect(page).toEqual({ acts: [], next: 1_001 });
    expect(await reader.page({ actor: 'nobody' }, 10, page.next ?? 0)).toEqual({ acts: [], next: null });
  });
});
