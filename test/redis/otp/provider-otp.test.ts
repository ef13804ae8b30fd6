import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/base/clock.ts';
import { createProviderOtp, type ProviderOtpDeps } from '../../../src/doors/referral/otp/provider-otp.ts';
import type { OtpRequest, OtpSent } from '../../../src/doors/referral/otp-port.ts';
import { createTokenizer } from '../../../src/identity/token.ts';
import { CodeCounts } from '../../../src/limits/code-counts.ts';
import { createOutbound } from '../../../src/outbound/create-outbound.ts';
import { otpSchema } from '../../../src/registry/schema/otp.ts';
import { AlarmStore } from '../../../src/screening/probe-watch/alarm-store.ts';
import { CodeWatch } from '../../../src/screening/probe-watch/code-watch.ts';
import { type CodeProvider, startCodeProvider } from '../../support/code-provider.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let provider: CodeProvider;
const outbound = createOutbound({ allowLoopback: true });
let nowMs = Date.now();
const outcomes: string[] = [];
const failures: string[] = [];

beforeAll(async () => {
  redis = await startTestRedis();
  provider = await startCodeProvider();
});
afterAll(() => Promise.all([redis.close(), provider.close(), outbound.close()]));
beforeEach(() => {
  provider.answers = 200;
  provider.sent.length = 0;
  outcomes.length = 0;
  failures.length = 0;
});

const realClock = { nowMs: () => nowMs };

function otpWith(limits: object = {}, change: object = {}, deps: Partial<ProviderOtpDeps> = {}) {
  const settings = otpSchema.parse({ url: provider.url, key_env: 'SMS_KEY', timeout_ms: 300, limits, ...change });
  return createProviderOtp({
    settings: () => settings,
    counts: new CodeCounts(redis.client, redis.keys),
    tokenizer: createTokenizer(Buffer.alloc(32, 1)),
    outbound,
    authenticate: () => ({ authorization: 'Bearer the-key' }),
    codeKey: Buffer.alloc(32, 2),
    realClock,
    observer: {
      asked: (_partner, outcome) => void outcomes.push(outcome),
      counted: async () => undefined,
      failed: (detail) => void failures.push(detail),
    },
    ...deps,
  });
}

let people = 0;
const formId = () => randomBytes(16).toString('hex');
function request(change: Partial<OtpRequest> = {}): OtpRequest {
  people += 1;
  const phone = `+86138${String(people).padStart(8, '0')}`;
  return { phone, formId: formId(), language: 'zh', partnerId: 'acme', linkCode: 'l', address: '', ...change };
}

const stateOf = (sent: OtpSent): string => {
  if (sent.kind !== 'sent') throw new Error(sent.kind);
  return sent.state;
};

describe('a code', () => {
  test('goes to the provider once, with the phone, our text and our key, and is right on its own form alone', async () => {
    const otp = otpWith();
    const asked = request();
    const state = stateOf(await otp.sendCode(asked));
    expect(provider.sent).toHaveLength(1);
    const { headers, body } = provider.sent[0] ?? { headers: {}, body: undefined };
    expect(headers).toMatchObject({ authorization: 'Bearer the-key', 'idempotency-key': asked.formId });
    expect(body).toMatchObject({ phone: asked.phone, language: 'zh', template: 'apply', ttl_seconds: 300 });
    const code = body?.code ?? '';
    expect(code).toMatch(/^\d{6}$/);
    const wrong = code === '123456' ? '654321' : '123456';
    expect(await otp.judgeCode(asked, state, code)).toBe('right');
    expect(await otp.judgeCode(asked, state, wrong)).toBe('wrong');
    expect(await otp.judgeCode({ ...asked, formId: formId() }, state, code)).toBe('wrong');
    expect(await otp.judgeCode({ ...asked, phone: '+8613899999999' }, state, code)).toBe('wrong');
    expect(await otp.judgeCode(asked, 'sandbox', '000000')).toBe('wrong');
    expect(await otp.judgeCode(asked, state.replace(/^\d+/, String(nowMs + DAY_MS)), code)).toBe('wrong');
  });

  test('is kept as a keyed hash: neither it nor the phone is in what travels, in Redis, or in what is logged', async () => {
    const asked = request();
    const state = stateOf(await otpWith().sendCode(asked));
    const code = provider.sent[0]?.body.code ?? '';
    provider.answers = 500;
    await otpWith().sendCode(request());
    const keys = await redis.client.keys('*codes*');
    expect(keys.length).toBeGreaterThan(0);
    const values = await Promise.all(keys.map((key) => redis.client.hgetall(key)));
    const seen = JSON.stringify([keys, values, state, failures, outcomes]);
    expect(seen).not.toContain(asked.phone.slice(3));
    // As a word of its own: six digits may stand anywhere within a time.
    expect(seen).not.toMatch(new RegExp(`\\b${code}\\b`));
  });

  test('is over after five minutes', async () => {
    const asked = request();
    const otp = otpWith();
    const state = stateOf(await otp.sendCode(asked));
    const code = provider.sent[0]?.body.code ?? '';
    nowMs += 5 * MINUTE_MS - 1;
    expect(await otp.judgeCode(asked, state, code)).toBe('right');
    nowMs += 1;
    expect(await otp.judgeCode(asked, state, code)).toBe('expired');
  });

  test('is the same one for a form that is sent twice, and sent once', async () => {
    const otp = otpWith();
    const asked = request();
    const states = (await Promise.all([otp.sendCode(asked), otp.sendCode(asked), otp.sendCode(asked)])).map(stateOf);
    expect(provider.sent).toHaveLength(1);
    const code = provider.sent[0]?.body.code ?? '';
    for (const state of states) expect(await otp.judgeCode(asked, state, code)).toBe('right');
  });

  test('is another one for nearly every form, spread over all of them', async () => {
    const otp = otpWith({ partner_per_day: 100_000, link_per_day: 100_000 });
    const phones = Array.from({ length: 200 }, () => request());
    await Promise.all(phones.map((one) => otp.sendCode(one)));
    const codes = provider.sent.map(({ body }) => body.code);
    expect(new Set(codes).size).toBeGreaterThan(195);
    expect(new Set(codes.map((code) => code[0])).size).toBe(10);
  });
});

describe('what was not sent', () => {
  test.each([
    [500, 'failed'],
    [401, 'failed'],
    [302, 'failed'],
    ['hang', 'failed'],
    ['cut', 'failed'],
    [400, 'refused'],
    [422, 'refused'],
  ] as const)('is told as such when the provider answers %s: %s', async (answers, kind) => {
    provider.answers = answers;
    expect(await otpWith().sendCode(request())).toEqual({ kind });
    expect(provider.sent).toHaveLength(1);
  });

  test('may be asked for again at once, and then has the same code: a text that came after all is right', async () => {
    const otp = otpWith();
    const asked = request();
    provider.answers = 'cut';
    expect(await otp.sendCode(asked)).toEqual({ kind: 'failed' });
    provider.answers = 200;
    const state = stateOf(await otp.sendCode(asked));
    const [first, second] = provider.sent.map(({ body }) => body.code);
    expect(second).toBe(first);
    expect(await otp.judgeCode(asked, state, first ?? '')).toBe('right');
  });

  test('is nothing to a number abroad: text messages there are what such frauds live on', async () => {
    expect(await otpWith().sendCode(request({ phone: '+8821234567' }))).toEqual({ kind: 'refused' });
    expect(provider.sent).toHaveLength(0);
  });
});

describe('codes are limited', () => {
  test('to one a minute for a number, whichever form asks, then five an hour and ten a day', async () => {
    const otp = otpWith();
    const { phone } = request();
    const ask = () => otp.sendCode(request({ phone }));
    expect((await ask()).kind).toBe('sent');
    expect(await ask()).toEqual({ kind: 'wait', seconds: 60 });
    nowMs += 59_000;
    expect(await ask()).toEqual({ kind: 'wait', seconds: 1 });
    nowMs = Math.ceil(nowMs / DAY_MS) * DAY_MS;
    const inHour: string[] = [];
    for (let round = 0; round < 7; round += 1) {
      inHour.push((await ask()).kind);
      nowMs += MINUTE_MS;
    }
    expect(inHour).toEqual(['sent', 'sent', 'sent', 'sent', 'sent', 'limited', 'limited']);
    nowMs += HOUR_MS;
    const later: string[] = [];
    for (let round = 0; round < 6; round += 1) {
      later.push((await ask()).kind);
      nowMs += HOUR_MS;
    }
    expect(later).toEqual(['sent', 'sent', 'sent', 'sent', 'sent', 'limited']);
    nowMs += DAY_MS;
    expect((await ask()).kind).toBe('sent');
  });

  test('for an address (IPv6 by /64), a link and a partner: what is refused there costs the number no wait', async () => {
    const kinds = async (limits: object, ...asked: readonly OtpRequest[]) => {
      const otp = otpWith(limits);
      const found: string[] = [];
      for (const one of asked) found.push((await otp.sendCode(one)).kind);
      return found;
    };
    const v6 = (host: string) => request({ address: `2001:db8:1:2::${host}`, partnerId: 'one' });
    expect(await kinds({ address_per_hour: 2 }, v6('1'), v6('2'), v6('3'))).toEqual(['sent', 'sent', 'limited']);
    const through = (linkCode: string) => request({ linkCode, partnerId: 'two' });
    expect(await kinds({ link_per_day: 1 }, through('a'), through('a'), through('b'))).toEqual([
      'sent',
      'limited',
      'sent',
    ]);
    const turnedAway = request({ partnerId: 'three' });
    expect(await kinds({ partner_per_day: 1 }, request({ partnerId: 'three' }), turnedAway)).toEqual([
      'sent',
      'limited',
    ]);
    expect((await otpWith().sendCode({ ...turnedAway, partnerId: 'four' })).kind).toBe('sent');
  });

  test('a number asked for over and over uses up nothing of the partner’s', async () => {
    const counts = new CodeCounts(redis.client, redis.keys);
    const { phone } = request();
    for (let round = 0; round < 5; round += 1) await otpWith().sendCode(request({ phone, partnerId: 'five' }));
    expect(await counts.today('five', nowMs)).toBe(1);
  });

  test('with an alarm before the budget of the day is gone', async () => {
    const alarms = new AlarmStore(redis.client, redis.keys);
    const raised: string[] = [];
    const counts = new CodeCounts(redis.client, redis.keys);
    const observer = { raised: ({ kind }: { kind: string }) => void raised.push(kind) };
    const watch = new CodeWatch({ counts, alarms, budget: () => 10, realClock, observer });
    const otp = otpWith(
      { partner_per_day: 10 },
      {},
      {
        observer: { asked: () => undefined, counted: (...of) => watch.note(...of), failed: () => undefined },
      },
    );
    for (let round = 0; round < 7; round += 1) await otp.sendCode(request({ partnerId: 'six' }));
    expect(raised).toEqual([]);
    for (let round = 0; round < 5; round += 1) await otp.sendCode(request({ partnerId: 'six' }));
    expect(raised).toEqual(['code_pumping']);
    expect(provider.sent).toHaveLength(10);
    expect(await watch.finding('six')).toMatchObject({ evidence: { codes: 10, budget: 10 } });
    nowMs += DAY_MS;
    expect(await watch.finding('six')).toBeUndefined();
  });
});

test('nothing is sent while it cannot be counted', async () => {
  const counts = { count: async () => Promise.reject(new Error('Connection is closed.')) } as unknown as CodeCounts;
  await expect(otpWith({}, {}, { counts }).sendCode(request())).rejects.toThrow('Connection is closed');
  expect(provider.sent).toHaveLength(0);
});
