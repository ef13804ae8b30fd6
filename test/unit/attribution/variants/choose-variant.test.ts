import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AudienceFacts, chooseVariant } from '../../../../src/attribution/variants/choose-variant.ts';
import { deviceOf } from '../../../../src/attribution/variants/device-class.ts';
import { splitOf } from '../../../../src/attribution/variants/split-of.ts';
import type { Variant } from '../../../../src/registry/schema/variants.ts';

const SOMEBODY: AudienceFacts = { utm: {}, device: 'mobile', os: 'android', language: 'zh' };
const seed = (): string => randomBytes(7).toString('hex');

function chosen(variants: readonly Variant[], facts: AudienceFacts = SOMEBODY, random = seed()): string | undefined {
  return chooseVariant({ code: 'spring', variants }, random, facts)?.id;
}

/** Ids as they are drawn, though always the same ones: a test of chance must not depend on it. */
function* drawn(count: number): Generator<string> {
  for (let at = 0; at < count; at += 1)
    yield ((BigInt(at) * 0x9e3779b97f4a7c15n) & 0xffffffffffffffn).toString(16).padStart(14, '0');
}

describe('the variant of a click', () => {
  test('comes as often as its weight says: chi-square over 20 000 clicks', () => {
    const variants: Variant[] = [
      { id: 'a', weight: 50 },
      { id: 'b', weight: 30 },
      { id: 'c', weight: 15 },
      { id: 'd', weight: 5 },
    ];
    const counts = new Map<string | undefined, number>();
    for (const random of drawn(20_000)) {
      const id = chosen(variants, SOMEBODY, random);
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    const square = variants.reduce((sum, { id, weight }) => {
      const expected = 20_000 * (weight / 100);
      return sum + ((counts.get(id) ?? 0) - expected) ** 2 / expected;
    }, 0);
    // p = 0.001 at three degrees of freedom.
    expect(square).toBeLessThan(16.266);
    expect([...counts.keys()].sort()).toEqual(['a', 'b', 'c', 'd']);
  });

  test('is the same for the same click, whoever asks and whenever', () => {
    const variantsOf = fc
      .array(fc.nat(100), { minLength: 1, maxLength: 8 })
      .filter((weights) => weights.some((one) => one > 0));
    fc.assert(
      fc.property(variantsOf, fc.stringMatching(/^[0-9a-f]{14}$/), (weights, random) => {
        const variants = weights.map((weight, at): Variant => ({ id: `v${at}`, weight }));
        const first = chosen(variants, SOMEBODY, random);
        expect(chosen(structuredClone(variants), SOMEBODY, random)).toBe(first);
        expect(weights[Number(first?.slice(1))]).toBeGreaterThan(0);
      }),
    );
    const known: Variant[] = [
      { id: 'a', weight: 1 },
      { id: 'b', weight: 1 },
    ];
    // Written down once: a new version of this code must not move people.
    expect([...drawn(8)].map((random) => chosen(known, SOMEBODY, random)).join('')).toBe('baabaaab');
  });

  test('does not follow from the variant of another link that saw the same click', () => {
    const variants: Variant[] = [
      { id: 'a', weight: 1 },
      { id: 'b', weight: 1 },
    ];
    const same = [...drawn(2_000)].filter(
      (random) =>
        chooseVariant({ code: 'one', variants }, random, SOMEBODY) ===
        chooseVariant({ code: 'two', variants }, random, SOMEBODY),
    );
    expect(Math.abs(same.length - 1_000)).toBeLessThan(150);
  });

  test('is among those whose audience is met, else among those without an audience', () => {
    const variants: Variant[] = [
      { id: 'plain', weight: 1 },
      { id: 'wechat', weight: 1, audience: { utm_source: ['WeChat'] } },
      { id: 'tablet-en', weight: 1, audience: { device: ['tablet'], language: ['en'] } },
    ];
    expect(chosen(variants)).toBe('plain');
    expect(chosen(variants, { ...SOMEBODY, utm: { utm_source: 'wechat' } })).toBe('wechat');
    expect(chosen(variants, { ...SOMEBODY, device: 'tablet' })).toBe('plain');
    expect(chosen(variants, { ...SOMEBODY, device: 'tablet', language: 'en' })).toBe('tablet-en');
    const both = { utm: { utm_source: 'wechat' }, device: 'tablet', os: 'ios', language: 'en' } as const;
    expect(new Set(Array.from({ length: 60 }, () => chosen(variants, both)))).toEqual(new Set(['wechat', 'tablet-en']));
  });

  test('may lead phones of each system to their own store', () => {
    const variants: Variant[] = [
      { id: 'web', weight: 1 },
      { id: 'store', weight: 1, audience: { os: ['ios'] } },
    ];
    expect(chosen(variants, { ...SOMEBODY, os: 'ios' })).toBe('store');
    expect(chosen(variants, { ...SOMEBODY, os: 'android' })).toBe('web');
  });

  test('of an audience that is switched off is nobody’s: its people are received like all others', () => {
    const variants: Variant[] = [
      { id: 'plain', weight: 1 },
      { id: 'wechat', weight: 0, audience: { utm_source: ['wechat'] } },
    ];
    expect(chosen(variants, { ...SOMEBODY, utm: { utm_source: 'wechat' } })).toBe('plain');
  });
});

describe('how clicks are split', () => {
  test('has another name when weights or audiences change, and the same one when only the page says something else', () => {
    const variants: Variant[] = [
      { id: 'a', weight: 1 },
      { id: 'b', weight: 1 },
    ];
    const split = splitOf(variants);
    expect(split).toMatch(/^[0-9a-f]{6}$/);
    expect(
      splitOf([
        { id: 'a', weight: 1 },
        { id: 'b', weight: 2 },
      ]),
    ).not.toBe(split);
    expect(
      splitOf([
        { id: 'a', weight: 1 },
        { id: 'b', weight: 1, audience: { device: ['mobile'] } },
      ]),
    ).not.toBe(split);
    expect(
      splitOf([
        { id: 'a', weight: 1, page: { default_term: 6 } },
        { id: 'b', weight: 1 },
      ]),
    ).toBe(split);
  });
});

describe('the class of a device', () => {
  test.each([
    [
      'mobile',
      'android',
      'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36',
    ],
    [
      'mobile',
      'ios',
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.50',
    ],
    [
      'tablet',
      'ios',
      'Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1',
    ],
    [
      'desktop',
      'other',
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
    ],
    ['desktop', 'other', ''],
    ['desktop', 'other', 'something else'],
  ])('is %s, its system %s, for %s', (device, os, userAgent) => {
    expect(deviceOf(userAgent)).toEqual({ device, os });
    expect(deviceOf(userAgent)).toEqual({ device, os });
  });
});
