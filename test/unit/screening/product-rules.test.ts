import { describe, expect, test } from 'vitest';
import { closedNow, ineligibleFor, nextOpeningMs, type RuledProduct } from '../../../src/screening/product-rules.ts';

const product: RuledProduct = {
  status: 'open',
  hours: [],
  timezone: 'Asia/Shanghai',
  currency: 'CNY',
  amount: { min: 100_000, max: 5_000_000, step: 10_000 },
  term: { options: [3, 6, 12], unit: 'month' },
  eligibility: {
    age: [18, 55],
    excluded_regions: ['54', '1101'],
    purposes: ['consumption', 'travel'],
    require: ['assets.provident_fund', 'employment.employer'],
    excluded_occupations: ['student', 'unemployed'],
    min_monthly_income: 300_000,
    soft: ['region', 'occupation'],
  },
};
const now = Date.parse('2026-03-02T04:00:00.000Z'); // 12:00 in Shanghai
const active = { partnerActive: true, lenderActive: true, paused: undefined };
const wish = {
  amount: { amount: 500_000, currency: 'CNY' },
  term: 12,
  term_unit: 'month' as const,
  purpose: 'travel',
};

describe('eligibility by product rules', () => {
  test.each([
    ['a birthday on the day counts from its first moment', { birthDate: '2008-03-02' }, undefined],
    ['a day too young', { birthDate: '2008-03-03' }, 'age'],
    ['the oldest age is included', { birthDate: '1970-03-03' }, undefined],
    ['a day too old', { birthDate: '1970-03-02' }, 'age'],
    ['an excluded province', { region: '540102' }, 'region'],
    ['an excluded city', { region: '110105' }, 'region'],
    ['a neighbour of an excluded city', { region: '110205' }, undefined],
    ['a stated residence in an excluded region', { region: '310101', residenceRegion: '540102' }, 'region'],
    ['below the range', { requested: { ...wish, amount: { amount: 90_000, currency: 'CNY' } } }, 'amount'],
    ['above the range', { requested: { ...wish, amount: { amount: 5_010_000, currency: 'CNY' } } }, 'amount'],
    ['off the step', { requested: { ...wish, amount: { amount: 500_001, currency: 'CNY' } } }, 'amount'],
    ['another currency', { requested: { ...wish, amount: { amount: 500_000, currency: 'USD' } } }, 'amount'],
    ['a term that is not offered', { requested: { ...wish, term: 9 } }, 'term'],
    ['another unit', { requested: { ...wish, term_unit: 'day' as const } }, 'term'],
    ['a purpose that is not allowed', { requested: { ...wish, purpose: 'medical' } }, 'purpose'],
    ['an occupation that is not admitted', { stated: { employment: { status: 'student' } } }, 'occupation'],
    ['an occupation that is', { stated: { employment: { status: 'employed' } } }, undefined],
    ['without what is required', { stated: { assets: { provident_fund: false } } }, 'profile'],
    [
      'with less income than required',
      { stated: { income: { monthly: { amount: 299_999, currency: 'CNY' } } } },
      'profile',
    ],
    [
      'with income in another currency',
      { stated: { income: { monthly: { amount: 900_000, currency: 'USD' } } } },
      'profile',
    ],
    ['with as much as required', { stated: { income: { monthly: { amount: 300_000, currency: 'CNY' } } } }, undefined],
    ['what is required is not stated, and may still be', { stated: {} }, undefined],
    ['what is required is not stated, and will not be', { stated: {}, isComplete: true }, 'profile'],
    ['nothing is stated at all, and will not be', { isComplete: true }, 'profile'],
    [
      'all that is required',
      { stated: { assets: { provident_fund: true }, employment: { employer: 'A' } }, isComplete: true },
      undefined,
    ],
    ['the first in order is told', { region: '540102', stated: { employment: { status: 'student' } } }, 'region'],
    ['nothing known, nothing judged', {}, undefined],
  ])('%s', (_name, applicant, detail) => {
    expect(ineligibleFor(product, applicant, now)?.detail).toBe(detail);
  });
});

describe('rules that trust passes', () => {
  const broken = { region: '540102', stated: { employment: { status: 'student' } } };
  test.each([
    ['a soft rule', broken, undefined],
    ['the first rule that is not soft is told', { ...broken, requested: { ...wish, term: 5 } }, 'term'],
    ['age is never soft', { ...broken, birthDate: '2010-01-01' }, 'age'],
    ['what is not marked is not soft', { stated: { assets: { provident_fund: false } } }, 'profile'],
  ])('%s', (_name, applicant, detail) => {
    expect(ineligibleFor(product, applicant, now, true)?.detail).toBe(detail);
  });
});

describe('opening', () => {
  test('a product that is always open is open', () => {
    expect(closedNow(product, active, now)).toBeUndefined();
  });
  test.each([
    ['a suspended partner', product, { ...active, partnerActive: false }, 'suspended'],
    ['a suspended lender', product, { ...active, lenderActive: false }, 'suspended'],
    ['a closed product', { ...product, status: 'closed' as const }, active, 'suspended'],
    ['a paused product', { ...product, status: 'paused' as const }, active, 'paused'],
    ['a product paused by somebody', product, { ...active, paused: { untilMs: null } }, 'paused'],
    [
      'a product that is paused and its lender suspended',
      product,
      { ...active, lenderActive: false, paused: { untilMs: null } },
      'suspended',
    ],
    ['outside its hours', { ...product, hours: ['13:00-22:00'] }, active, 'hours'],
  ])('%s is closed', (_name, given, parties, detail) => {
    expect(closedNow(given, parties, now)).toMatchObject({ reason: 'closed', detail });
  });
  test('a paused product says when to come back: when the pause ends, or opens next after that', () => {
    const untilMs = Date.parse('2026-03-02T23:00:00.000+08:00');
    const paused = { ...active, paused: { untilMs } };
    expect(closedNow(product, paused, now)?.retryAtMs).toBe(untilMs);
    const retryAtMs = closedNow({ ...product, hours: ['09:00-22:00'] }, paused, now)?.retryAtMs;
    expect(retryAtMs).toBe(Date.parse('2026-03-03T09:00:00.000+08:00'));
    expect(closedNow({ ...product, status: 'paused' }, paused, now)?.retryAtMs).toBeNull();
  });
  test('outside its hours a product says when it opens next, in its own time zone', () => {
    const refusal = closedNow({ ...product, hours: ['08:00-11:00', '13:00-22:00'] }, active, now);
    expect(refusal?.retryAtMs).toBe(Date.parse('2026-03-02T13:00:00.000+08:00'));
  });
  test('hours that run past midnight are open on both sides of it', () => {
    const hours = ['20:00-02:00'];
    const at = (text: string): number => Date.parse(`2026-03-02T${text}:00.000+08:00`);
    expect(nextOpeningMs(hours, 'Asia/Shanghai', at('23:30'))).toBe(at('23:30'));
    expect(nextOpeningMs(hours, 'Asia/Shanghai', at('01:59'))).toBe(at('01:59'));
    expect(nextOpeningMs(hours, 'Asia/Shanghai', at('02:00'))).toBe(at('20:00'));
  });
});
