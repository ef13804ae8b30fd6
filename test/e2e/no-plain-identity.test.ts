import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RedisClient } from '../../src/redis/connection.ts';
import type { Registry } from '../../src/registry/registry.ts';
import { createDataDir } from '../support/gateway.ts';
import { embeddedPid } from '../support/gateway-child.ts';
import {
  applyByLink,
  cardOf,
  identitiesOf,
  type RichPerson,
  richApplication,
  richPerson,
  subjectsOf,
} from '../support/identity-traffic.ts';
import { nextPerson, shippedRegistry } from '../support/intake.ts';
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
import { documentedOperations } from '../support/operations.ts';

const DAY_MS = 86_400_000;

let dataDir: string;
let gateway: LoggedGateway;
let redis: RedisClient;
let registry: Registry;
let metrics: string;
let spooled: Haystack[];
let needles: Needle[];
const people: RichPerson[] = [];
const faulty: [string, string][] = [];
const urls: string[] = [];
const statuses = new Map<string, number>();
const realFetch = globalThis.fetch;

beforeAll(async () => {
  dataDir = createDataDir();
  gateway = await startLoggedGateway(dataDir, { SLUICE_LOG_LEVEL: 'trace' });
  redis = await gateway.redis();
  registry = await shippedRegistry();
  globalThis.fetch = rememberUrls;
  await askAboutPeople();
  await applyOverTheApi();
  await sendWhatIsFaulty();
  await comeByLink();
  await reportAsLender();
  await drawDownAndRepay();
  await workAsOperator();
  await callEverythingElse();
  await goOnWithoutRedis();
  metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  needles = needlesOf();
  // As much as Redis can be made to write to disk, and readable there.
  await redis.config('SET', 'rdbcompression', 'no');
  await redis.save();
  // The log is gathered and written some at a time.
  await delay(500);
}, 240_000);

afterAll(async () => {
  globalThis.fetch = realFetch;
  redis.disconnect();
  await gateway.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function rememberUrls(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await realFetch(input, init);
  const asked = input instanceof Request ? input.url : String(input);
  urls.push(asked, response.url, response.headers.get('location') ?? '');
  const path = new URL(asked).pathname.replaceAll(/(app|loan|clk)_[0-9a-f]{32}/g, '{id}');
  const key = `${init?.method ?? 'GET'} ${path} ${response.status}`;
  statuses.set(key, (statuses.get(key) ?? 0) + 1);
  return response;
}

/** A person whose traces are looked for in the end. */
function somebody(phoneSuffix?: string): RichPerson {
  const person = richPerson(phoneSuffix);
  people.push(person);
  return person;
}

async function askAboutPeople(): Promise<void> {
  const person = somebody();
  for (const subject of subjectsOf(person)) {
    await gateway.acme.post('/v1/prechecks', { product_id: 'quick-cash', subject, reserve: true });
    await gateway.summit.post('/v1/prechecks', { subject });
  }
  const items = subjectsOf(somebody()).map((subject) => ({ product_id: 'quick-cash', subject }));
  await gateway.acme.post('/v1/prechecks/batch', { items });
}

async function applyOverTheApi(): Promise<void> {
  for (const [index, suffix] of ['0000', '0001', '0002', '0003', '0009', '0010'].entries()) {
    const person = somebody(suffix);
    const input = richApplication(registry, person, `LEAK-${index}`);
    await gateway.acme.post('/v1/applications', input);
    await gateway.acme.post('/v1/applications', input);
    // Taken by another, and the same reference for somebody else.
    await gateway.summit.post('/v1/applications', richApplication(registry, person, `LEAK-${index}`));
    await gateway.acme.post('/v1/applications', richApplication(registry, somebody(), `LEAK-${index}`));
  }
  const abroad = somebody();
  const input = richApplication(registry, abroad, 'LEAK-86');
  const applicant = { ...input.applicant, phone: `+86${abroad.phone}`, id_number: abroad.idNumber.toLowerCase() };
  await gateway.acme.post('/v1/applications', { ...input, applicant });
  await gateway.acme.post('/v1/applications', {
    ...richApplication(registry, somebody(), 'LEAK-INELIGIBLE'),
    requested: { amount: { amount: 1, currency: 'CNY' }, term: 3, term_unit: 'month', purpose: 'consumption' },
  });
}

/** Requests that are turned away, each with an identity in it, good or bad. */
async function sendWhatIsFaulty(): Promise<void> {
  const person = somebody();
  const input = richApplication(registry, person, 'LEAK-BAD');
  const bad = {
    phone: `${person.phone.slice(0, 9)}#x`,
    id_number: `${person.idNumber.slice(0, 17)}${person.idNumber.endsWith('7') ? '8' : '7'}`,
    name: `<${person.name}>`,
    email: `${person.email}@@`,
    bank_card: { number: `${person.bankCard.number}1` },
  };
  faulty.push(['faulty phone', bad.phone], ['faulty id number', bad.id_number], ['faulty card', bad.bank_card.number]);
  for (const [field, value] of Object.entries(bad)) {
    const applicant = { ...input.applicant, [field]: value };
    await gateway.acme.post('/v1/applications', { ...input, applicant });
    await gateway.acme.post('/v1/prechecks', { subject: { [field]: value } });
  }
  const { consents: _, ...withoutConsents } = input;
  await gateway.acme.post('/v1/applications', withoutConsents);
  await gateway.acme.post('/v1/applications', { ...input, [person.phone]: person.idNumber });
  await gateway.acme.post('/v1/applications', { ...input, product_id: person.phone });
  const text = JSON.stringify(input);
  for (const body of [`${text}}`, text.replace('{', `{"partner_ref":"${person.phone}",`), text.slice(0, -20)]) {
    await gateway.acme.send('POST', '/v1/applications', { body });
  }
  await gateway.acme.send('POST', '/v1/applications', { body: text, sign: false });
  await gateway.acme.send('POST', '/v1/applications', { body: text, signedBody: '{}' });
  await gateway.acme.send('POST', '/v1/applications', { body: text, headers: { 'content-type': 'text/plain' } });
  await gateway.acme.post('/v1/diagnostics/signature', input);
}

async function comeByLink(): Promise<void> {
  urls.push(await applyByLink(gateway, somebody('0000')));
}

async function reportAsLender(): Promise<void> {
  const lender = gateway.lender('quickcredit');
  const at = new Date(Date.now() - 60_000).toISOString();
  for (const [index, person] of [somebody(), somebody()].entries()) {
    for (const [form, subject] of subjectsOf(person).entries()) {
      const ref = `${index}-${form}`;
      await lender.post('/lender/v1/registrations', { lender_ref: `R-${ref}`, subject, registered_at: at });
      const report = { lender_ref: `A-${ref}`, product_id: 'quick-cash', subject, channel: 'app', applied_at: at };
      await lender.post('/lender/v1/applications', report);
    }
  }
  const person = somebody();
  const about = { occurred_at: at, lender_ref: 'A-0-0', applicant: { phone: person.phone } };
  await lender.post('/lender/v1/events', {
    events: [
      { id: 'E-1', type: 'credit.declined', ...about, data: { reason: 'policy', phone: person.phone } },
      { id: 'E-2', type: 'credit.granted', ...about, data: { amount: person.idNumber } },
      { id: 'E-3', type: 'no.such', ...about, data: { name: person.name } },
    ],
  });
}

async function drawDownAndRepay(): Promise<void> {
  await advance('1m');
  const { body } = await gateway.acme.get('/v1/applications?status=credit_granted&limit=50');
  for (const { id } of body.data) {
    const person = somebody();
    const wish = { amount: { amount: 100_000, currency: 'CNY' }, term: 3, term_unit: 'month', purpose: 'consumption' };
    await gateway.acme.post(`/v1/applications/${id}/quotes`, { amount: wish.amount, term: 3, term_unit: 'month' });
    const consents = [
      {
        kind: 'loan_contract',
        document: 'x',
        version: '1',
        text_sha256: '0'.repeat(64),
        accepted_at: '2026-03-02T03:59:00Z',
      },
    ].map((consent) => ({ ...consent, parties: ['quickcredit'], ip: person.ip, user_agent: person.deviceId }));
    const drawn = { partner_ref: `DRAW-${id}`, ...wish, bank_card: cardOf(person), consents };
    await gateway.acme.post(`/v1/applications/${id}/loans`, { ...drawn, bank_card: { number: '1234' } });
    await gateway.acme.post(`/v1/applications/${id}/loans`, drawn);
    await gateway.acme.get(`/v1/applications/${id}`);
    await gateway.acme.get(`/v1/applications/${id}/attribution`);
  }
  await advance('40d');
  await gateway.operator.post('/admin/v1/closings', {
    to: new Date(Date.now() + 40 * DAY_MS).toISOString().slice(0, 10),
  });
}

async function workAsOperator(): Promise<void> {
  const [first, second] = people;
  if (!first || !second) throw new Error('nobody');
  for (const [index, person] of people.entries()) {
    const subject = { phone: person.phone, id_number: person.idNumber };
    await gateway.operator.post('/admin/v1/subjects/search', { subject, reason: 'a question' });
    await gateway.operator.post('/admin/v1/subjects/export', { subject, reason: 'a question' });
    const reason = index % 2 === 0 ? 'a wish' : `a wish of ${person.phone}`;
    await gateway.operator.post('/admin/v1/subjects/erase', { subject, reason, force: index % 3 === 0 });
  }
  for (const subject of subjectsOf(first)) {
    await gateway.operator.post('/admin/v1/subjects/search', {
      subject,
      reason: `about ${second.phone} and ${second.idNumber}`,
    });
  }
  const party = { kind: 'traffic', id: 'acme' };
  await gateway.operator.post('/admin/v1/keys/issue', { party, reason: 'a new one' });
  await gateway.operator.post('/admin/v1/signing-keys/rotate', { reason: 'a new one' });
}

/** Whatever can be read without knowing an id. */
async function callEverythingElse(): Promise<void> {
  const clients = { partner: gateway.acme, lender: gateway.lender('quickcredit'), operator: gateway.operator };
  for (const { door, method, path } of documentedOperations()) {
    if (door === 'referral' || method !== 'GET' || path.includes('{')) continue;
    await clients[door].get(path);
  }
  for (const path of ['/healthz', '/readyz', '/docs', '/.well-known/jwks.json']) await fetch(`${gateway.url}${path}`);
}

/** Redis hangs: requests are turned away, clicks go to the spool. */
async function goOnWithoutRedis(): Promise<void> {
  const pid = embeddedPid(dataDir);
  process.kill(pid, 'SIGSTOP');
  try {
    const headers = { 'user-agent': 'Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile' };
    await Promise.all([
      fetch(`${gateway.url}/r/acme-home`, { redirect: 'manual', headers }),
      gateway.acme.post('/v1/applications', richApplication(registry, somebody(), 'LEAK-AWAY')),
      gateway.acme.post('/v1/prechecks', { subject: subjectsOf(somebody())[3] }),
    ]);
    spooled = fileHaystacks(join(dataDir, 'spool'));
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await delay(1_500);
}

async function advance(move: string): Promise<void> {
  const { status, body } = await gateway.operator.post('/sandbox/clock', { advance: move });
  if (status !== 200) throw new Error(JSON.stringify(body));
}

function needlesOf(): Needle[] {
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
    ...spooled,
    { where: 'the log', bytes: Buffer.from(gateway.output()) },
    { where: '/metrics', bytes: Buffer.from(metrics) },
    { where: 'an address', bytes: Buffer.from(urls.join('\n')) },
  ];
}

describe('after all that people can be put through', () => {
  test('every door was used, in good and in bad', () => {
    const kinds = [...statuses.keys()];
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
      expect(kinds).toContain(wanted);
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
    expect(spooled.some(({ bytes }) => bytes.includes('acme-home'))).toBe(true);
    expect(findLeaks(needles, places)).toEqual([]);
  });

  test('and one that did would be found, wherever and however', async () => {
    const [person] = people;
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
