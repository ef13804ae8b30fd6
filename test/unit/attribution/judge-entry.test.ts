import { createSecretKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ENTRY_FAULTS, type EnteredLink, judgeEntry } from '../../../src/attribution/entry/judge-entry.ts';
import type { EntryPolicy } from '../../../src/registry/entry-policy.ts';
import { entrySignature, entryText } from '../../../src/trust/entry-link.ts';

const NOW_SECONDS = 1_767_225_600;
const NOW_MS = NOW_SECONDS * 1_000;
const UNTIL = NOW_SECONDS + 3_600;
const link: EnteredLink = { code: 'acme-home', pass: ['utm_source'] };

const keyOf = (fill: number) => createSecretKey(Buffer.alloc(32, fill));
const policyOf = (change: Partial<EntryPolicy> = {}): EntryPolicy => ({
  mode: 'enforce',
  maxAgeSeconds: 86_400,
  keys: new Map([
    ['k1', { id: 'k1', alg: 'hmac-sha256', keyObject: keyOf(1) }],
    ['old', { id: 'old', alg: 'hmac-sha256', keyObject: keyOf(2), notAfterSeconds: NOW_SECONDS }],
    ['next', { id: 'next', alg: 'hmac-sha256', keyObject: keyOf(3), notBeforeSeconds: NOW_SECONDS + 60 }],
  ]),
  ...change,
});

interface Signing {
  readonly code?: string;
  readonly keyId?: string;
  readonly fill?: number;
  readonly expires?: number | string;
}

function signed(parameters: Readonly<Record<string, string>>, { code, keyId, fill, expires }: Signing = {}): string {
  const content = {
    code: code ?? link.code,
    keyId: keyId ?? 'k1',
    expires: String(expires ?? UNTIL),
    parameters: new Map(Object.entries(parameters)),
  };
  const sig = entrySignature(keyOf(fill ?? 1), content);
  return String(new URLSearchParams({ ...parameters, kid: content.keyId, exp: content.expires, sig }));
}

const faultOf = (query: string, policy = policyOf(), of = link) => judgeEntry(policy, of, query, NOW_MS)?.fault ?? null;

describe('the published vector', () => {
  // As it stands in the guide: who implements it in another language compares with these.
  const parameters = new Map([
    ['sub2', '春 & co'],
    ['sub1', 'newsletter-7'],
    ['utm_source', 'wechat'],
  ]);
  const content = { code: 'acme-home', keyId: 'acme-links-1', expires: '1767229200', parameters };
  const key = createSecretKey(Buffer.from('c2x1aWNlIHB1Ymxpc2hlZCBsaW5rIGtleSAwMDAwMDE=', 'base64'));

  test('has this text to sign, and this signature', () => {
    expect(entryText(content)).toBe(
      'sluice-link-v1\ncode:9:acme-home\nexp:10:1767229200\nkid:12:acme-links-1\n' +
        'sub1:12:newsletter-7\nsub2:8:春 & co\nutm_source:6:wechat\n',
    );
    expect(entrySignature(key, content)).toBe('v06khTwLBA6uGUu_faWxbwzObhhbbQRVPXxpWAiSpo8');
  });

  test('is good as an address, with its parameters in any order and a mark of a network beside them', () => {
    const policy = policyOf({
      keys: new Map([['acme-links-1', { id: 'acme-links-1', alg: 'hmac-sha256', keyObject: key }]]),
    });
    const query =
      'fbclid=x&utm_source=wechat&sub2=%E6%98%A5+%26%20co&kid=acme-links-1&exp=1767229200&sub1=newsletter-7&sig=v06khTwLBA6uGUu_faWxbwzObhhbbQRVPXxpWAiSpo8';
    expect(faultOf(query, policy)).toBeNull();
  });
});

test.each(['links.md', 'links.zh.md'])('%s has the vector: its secret, its text and its signature', (file) => {
  const guide = readFileSync(new URL(`../../../openapi/guide/${file}`, import.meta.url), 'utf8');
  const parameters = new Map([
    ['sub1', 'newsletter-7'],
    ['sub2', '春 & co'],
    ['utm_source', 'wechat'],
  ]);
  const content = { code: 'acme-home', keyId: 'acme-links-1', expires: '1767229200', parameters };
  const secret = /`(c2x1[A-Za-z0-9+/=]+)`/.exec(guide)?.[1] ?? '';
  expect(guide).toContain(`\`\`\`text\n${entryText(content)}\`\`\``);
  expect(guide).toContain(`\`${entrySignature(createSecretKey(Buffer.from(secret, 'base64')), content)}\``);
  for (const fault of ENTRY_FAULTS) expect(guide).toContain(`| \`${fault}\` |`);
});

describe('a signed address', () => {
  test('is good for the link, time, sub ids and parameters that it was signed for', () => {
    expect(faultOf(signed({ sub1: 'a', utm_source: 'b' }))).toBeNull();
    expect(faultOf(signed({}))).toBeNull();
  });

  test('is not good once anything of it was changed, added or taken away', () => {
    const query = signed({ sub1: 'a', utm_source: 'b' });
    const changes = [
      query.replace('sub1=a', 'sub1=c'),
      query.replace('sub1=a', 'sub2=a'),
      query.replace('sub1=a', ''),
      `${query}&sub10=x`,
      query.replace('utm_source=b', 'utm_source=c'),
      query.replace(`exp=${UNTIL}`, `exp=${UNTIL + 1}`),
    ];
    expect(changes.map((changed) => faultOf(changed))).toEqual(changes.map(() => 'invalid'));
    expect(faultOf(query, policyOf(), { ...link, code: 'acme-other' })).toBe('invalid');
    expect(faultOf(signed({ sub1: 'a' }, { fill: 9 }))).toBe('invalid');
  });

  test('is no good that way whatever the values are: none can pass for another', () => {
    const values = fc.record({ sub1: fc.string(), sub2: fc.string(), utm_source: fc.string({ unit: 'binary' }) });
    const wellFormed = values.filter((one) => Object.values(one).every((value) => !/[\ud800-\udfff]/u.test(value)));
    const present = (one: Readonly<Record<string, string>>) =>
      new Map(Object.entries(one).filter(([, value]) => value !== ''));
    const text = (one: Readonly<Record<string, string>>) =>
      entryText({ code: 'c1', keyId: 'k', expires: '1', parameters: present(one) });
    fc.assert(
      fc.property(wellFormed, wellFormed, (a, b) => {
        const isSame = JSON.stringify([...present(a)]) === JSON.stringify([...present(b)]);
        expect(text(a) === text(b)).toBe(isSame);
        expect(faultOf(signed(Object.fromEntries(present(a))))).toBeNull();
      }),
      { numRuns: 60 },
    );
  });

  test('is unsigned, or malformed where only a part of a signature is there, or one part twice', () => {
    const query = signed({ sub1: 'a' });
    expect(faultOf('sub1=a')).toBe('unsigned');
    expect(faultOf('')).toBe('unsigned');
    const wrong = [
      query.replace(/&sig=.*/, ''),
      query.replace(/kid=k1&/, ''),
      query.replace(/&exp=\d+/, ''),
      query.replace(/.$/, ''),
      `${query}A`,
      `${query}&sub1=a`,
      `${query}&sub1=b`,
      `${query}&exp=${UNTIL}`,
      query.replace(/exp=\d+/, 'exp=1e9'),
      query.replace(/exp=\d+/, 'exp=-1'),
      query.replace('kid=k1', 'kid=%00'),
    ];
    expect(wrong.map((changed) => faultOf(changed))).toEqual(wrong.map(() => 'malformed'));
  });

  test('has one spelling: a last character with other unused bits is another signature', () => {
    const query = signed({ sub1: 'a' });
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = alphabet.indexOf(query.at(-1) ?? '');
    expect(faultOf(`${query.slice(0, -1)}${alphabet[last + 1]}`)).toBe('invalid');
  });

  test('is over when its time is, and may not be good for longer than the partner allows', () => {
    expect(faultOf(signed({}, { expires: NOW_SECONDS - 30 }))).toBeNull();
    expect(faultOf(signed({}, { expires: NOW_SECONDS - 31 }))).toBe('expired');
    expect(faultOf(signed({}, { expires: NOW_SECONDS + 86_430 }))).toBeNull();
    expect(faultOf(signed({}, { expires: NOW_SECONDS + 86_431 }))).toBe('expires_too_late');
    // Who has not signed it learns nothing of its time.
    expect(faultOf(signed({}, { expires: NOW_SECONDS - 31, fill: 9 }))).toBe('invalid');
  });

  test('by a key that nobody has, another partner has, or that is not good now is answered alike', () => {
    const queries = [
      signed({}, { keyId: 'nobody' }),
      signed({}, { keyId: 'summit-links', fill: 7 }),
      signed({}, { keyId: 'old', fill: 2 }),
      signed({}, { keyId: 'next', fill: 3 }),
      signed({}, { keyId: 'constructor' }),
    ];
    expect(queries.map((query) => faultOf(query))).toEqual(queries.map(() => 'key_unknown'));
  });

  test('changes keys without a gap: both are good while they overlap', () => {
    const both = policyOf({
      keys: new Map([
        ['a', { id: 'a', alg: 'hmac-sha256', keyObject: keyOf(1), notAfterSeconds: NOW_SECONDS + 10 }],
        ['b', { id: 'b', alg: 'hmac-sha256', keyObject: keyOf(2), notBeforeSeconds: NOW_SECONDS - 10 }],
      ]),
    });
    expect(faultOf(signed({}, { keyId: 'a', fill: 1 }), both)).toBeNull();
    expect(faultOf(signed({}, { keyId: 'b', fill: 2 }), both)).toBeNull();
  });
});

describe('a partner', () => {
  test('that does not sign its links has nothing judged', () => {
    expect(judgeEntry(undefined, link, 'sig=nonsense', NOW_MS)).toBeNull();
  });

  test('that only wants to be told has faults counted and nobody turned away', () => {
    const policy = policyOf({ mode: 'report_only' });
    expect(judgeEntry(policy, link, '', NOW_MS)).toEqual({ fault: 'unsigned', isEnforced: false });
    expect(judgeEntry(policyOf(), link, '', NOW_MS)).toEqual({ fault: 'unsigned', isEnforced: true });
  });
});
