import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RedisClient } from '../../src/redis/connection.ts';
import { createDataDir } from '../support/gateway.ts';
import { type IdentityRun, putPeopleThroughEverything } from '../support/identity-run.ts';
import { identitiesOf } from '../support/identity-traffic.ts';
import { nextPerson } from '../support/intake.ts';
import {
  fileHaystacks,
  findLeaks,
  type Haystack,
  hashNeedles,
  type Needle,
  plainNeedles,
  redisHaystacks,
} from '../support/leaks.ts';
import { type LoggedGateway, startLoggedGateway } from '../support/logged-gateway.ts';

let dataDir: string;
let gateway: LoggedGateway;
let redis: RedisClient;
let run: IdentityRun;
let metrics: string;
let needles: Needle[];

beforeAll(async () => {
  dataDir = createDataDir();
  gateway = await startLoggedGateway(dataDir, { SLUICE_LOG_LEVEL: 'trace' });
  redis = await gateway.redis();
  run = await putPeopleThroughEverything(gateway, dataDir);
  metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  needles = needlesOf(run);
  // As much as Redis can be made to write to disk, and readable there.
  await redis.config('SET', 'rdbcompression', 'no');
  await redis.save();
  // The log is gathered and written some at a time.
  await delay(500);
}, 240_000);

afterAll(async () => {
  redis.disconnect();
  await gateway.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

function needlesOf({ people, faulty }: IdentityRun): Needle[] {
  const found = people.flatMap((person, index) =>
    identitiesOf(person).flatMap(([what, text]) => {
      const named = `${what} of person ${index}`;
      return [...plainNeedles(named, text), ...hashNeedles(named, text)];
    }),
  );
  const prefixed = people.flatMap(({ phone }, index) =>
    [`+86${phone}`, `86${phone}`, `0086${phone}`].flatMap((text) =>
      hashNeedles(`${text.slice(0, -11)} phone of person ${index}`, text),
    ),
  );
  const wrong = faulty.flatMap(([what, text]) => [...plainNeedles(what, text), ...hashNeedles(what, text)]);
  return [...found, ...prefixed, ...wrong];
}

async function everywhere(): Promise<Haystack[]> {
  return [
    ...(await redisHaystacks(redis)),
    ...fileHaystacks(dataDir),
    ...run.spooled,
    { where: 'the log', bytes: Buffer.from(gateway.output()) },
    { where: '/metrics', bytes: Buffer.from(metrics) },
    { where: 'an address', bytes: Buffer.from(run.urls.join('\n')) },
  ];
}

describe('after all that people can be put through', () => {
  test('every door was used, in good and in bad', () => {
    for (const wanted of [
      'POST /v1/prechecks 200',
      'POST /v1/prechecks 422',
      'POST /v1/prechecks 503',
      'POST /v1/prechecks/batch 200',
      'POST /v1/applications 201',
      'POST /v1/applications 400',
      'POST /v1/applications 401',
      'POST /v1/applications 415',
      'POST /v1/applications 422',
      'POST /v1/applications/{id}/loans 201',
      'POST /v1/applications/{id}/loans 422',
      'POST /v1/applications/{id}/cards 202',
      'POST /v1/applications/{id}/cards 422',
      'POST /v1/actions/{id} 200',
      'POST /v1/actions/{id} 422',
      'POST /v1/actions/{id}/resend 200',
      'POST /v1/applications/{id}/supplements 200',
      'POST /v1/applications/{id}/supplements 422',
      'POST /v1/documents 201',
      'POST /v1/documents 422',
      'GET /lender/v1/documents/{id} 200',
      'POST /v1/handoffs 201',
      'POST /v1/handoffs 422',
      'POST /v1/loans/{id}/repayments 201',
      'POST /v1/loans/{id}/repayments 422',
      'POST /v1/loans/{id}/repayments/quote 200',
      'POST /v1/applications/{id}/consents/withdrawals 200',
      'POST /v1/applications/{id}/cancel 200',
      'GET /r/acme-home 302',
      'POST /apply/acme-home 303',
      'GET /apply/acme-home/result 200',
      'POST /lender/v1/registrations 201',
      'POST /lender/v1/applications 201',
      'POST /lender/v1/events 200',
      'POST /admin/v1/closings 200',
      'POST /admin/v1/subjects/export 200',
      'POST /admin/v1/subjects/erase 200',
      'POST /admin/v1/subjects/erase 422',
      'POST /admin/v1/keys/issue 201',
    ]) {
      expect([...run.answers]).toContain(wanted);
    }
    expect(gateway.lines().some(({ access }) => access?.purpose === 'draw_down')).toBe(true);
    expect(gateway.lines().length).toBeGreaterThan(100);
  });

  test('no identity and no hash of one stands anywhere: Redis, files, log, metrics, addresses', async () => {
    const places = await everywhere();
    const names = places.map(({ where }) => where);
    for (const wanted of [
      /^file redis\/.*\.aof$/,
      /^file redis\/.*\.rdb$/,
      /^Redis stream /,
      /^Redis string .*:sealed:/,
    ]) {
      expect(
        names.some((name) => wanted.test(name)),
        String(wanted),
      ).toBe(true);
    }
    expect(needles.length).toBeGreaterThan(5_000);
    expect(run.spooled.some(({ bytes }) => bytes.includes('acme-home'))).toBe(true);
    expect(findLeaks(needles, places)).toEqual([]);
  });

  test('and one that did would be found, wherever and however', async () => {
    const [person] = run.people;
    if (!person) throw new Error('nobody');
    const { phone, idNumber, name } = person;
    const sha256 = hashNeedles('', phone).map(({ bytes }) => bytes);
    await redis.set(`planted:${phone}`, '1');
    await redis.set('planted:string', `{"name":"${name}"}`);
    await redis.hset('planted:hash', 'field', Buffer.from(`x${idNumber}`).toString('base64'));
    await redis.sadd('planted:set', encodeURIComponent(name));
    await redis.zadd('planted:zset', 1, idNumber.toLowerCase());
    await redis.rpush('planted:list', sha256[0]?.toString() ?? '');
    await redis.xadd('planted:stream', '*', 'e', sha256[4] ?? '');
    mkdirSync(join(dataDir, 'spool'), { recursive: true });
    writeFileSync(join(dataDir, 'spool', 'planted'), `${nextPerson().phone} ${person.bankCard.number}`);
    const leaks = findLeaks(needles, [
      ...(await everywhere()),
      { where: 'a planted log', bytes: Buffer.from(`{"err":"${JSON.stringify({ phone })}"}`) },
      { where: 'a planted address', bytes: Buffer.from(`https://x.example/?n=${encodeURIComponent(name)}`) },
    ]);
    const planted = [
      'name of a Redis key',
      'planted:string',
      'planted:hash',
      'planted:set',
      'planted:zset',
      'planted:list',
    ];
    for (const where of [...planted, 'planted:stream', 'spool/planted', '.aof', 'a planted log', 'a planted address']) {
      expect(
        leaks.some((leak) => leak.includes(where)),
        where,
      ).toBe(true);
    }
  });
});
