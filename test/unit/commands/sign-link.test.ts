import { createSecretKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { judgeEntry } from '../../../src/attribution/entry/judge-entry.ts';
import { signLink } from '../../../src/commands/sign-link.ts';
import { UsageError } from '../../../src/commands/usage-error.ts';

const keyObject = createSecretKey(Buffer.alloc(32, 5));
const key = { id: 'k1', alg: 'hmac-sha256', keyObject } as const;
const NOW_SECONDS = 1_767_225_600;

describe('sluice sign-link', () => {
  test('makes addresses that the redirect takes, whatever stands in them', () => {
    const policy = { mode: 'enforce', maxAgeSeconds: 3_600, keys: new Map([['k1', key]]) } as const;
    const odd = ['a&b=c', '春 100%', "o'neil+x", '~!*()', 'sub2=9', '\n', ''];
    for (const value of odd) {
      const given = new Map([
        ['sub1', value],
        ['utm_source', `${value}2`],
      ]);
      const { address } = signLink(key, 'acme-home', given, NOW_SECONDS + 60, 'https://go.example/');
      const url = new URL(address);
      expect(url.origin + url.pathname).toBe('https://go.example/r/acme-home');
      const link = { code: 'acme-home', pass: ['utm_source'] };
      expect(judgeEntry(policy, link, url.search.slice(1), NOW_SECONDS * 1_000)).toBeNull();
      expect(url.searchParams.get('sub1') ?? '').toBe(value);
    }
  });

  test('refuses what is no code of a link', () => {
    expect(() => signLink(key, '../x', new Map(), NOW_SECONDS, '')).toThrow(UsageError);
  });
});
