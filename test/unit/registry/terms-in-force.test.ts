import { describe, expect, test } from 'vitest';
import { termsFingerprint } from '../../../src/registry/terms-in-force.ts';
import { ACME, type Edit, HARBOUR, loadEdited, registryOf } from './partner-folder.ts';

const LATER: Edit = [
  ACME,
  'terms:',
  'terms:\n  - { id: acme-2025, contract: main, payer: operator, from: 2025-06-15, currency: CNY, cycle: month_end }\n' +
    '  - { id: side-1, contract: side, from: 2026-01-15, currency: CNY, timezone: America/New_York }',
];

describe('the version of a contract in force', () => {
  test('changes at 00:00 in the time zone of the contract, not in UTC', async () => {
    const registry = await registryOf([LATER]);
    const at = (instant: string) => registry.termsOf('acme', 'main', Date.parse(instant))?.id ?? null;
    expect(at('2025-06-14T15:59:59.999Z')).toBeNull();
    expect(at('2025-06-14T16:00:00.000Z')).toBe('acme-2025');
    expect(at('2025-12-31T15:59:59.999Z')).toBe('acme-2025');
    expect(at('2025-12-31T16:00:00.000Z')).toBe('acme-2026');
    expect(at('2036-01-01T00:00:00.000Z')).toBe('acme-2026');
  });

  test('is chosen for each contract by itself', async () => {
    const registry = await registryOf([LATER]);
    const at = (instant: string) => registry.termsOf('acme', 'side', Date.parse(instant))?.id ?? null;
    expect(at('2026-01-15T04:59:59.999Z')).toBeNull();
    expect(at('2026-01-15T05:00:00.000Z')).toBe('side-1');
    expect(registry.termsOf('acme', 'other', Date.parse('2026-06-01T00:00:00Z'))).toBeNull();
    expect(registry.termsOf('nobody', 'main', 0)).toBeNull();
    expect(registry.termsById('acme', 'acme-2025')?.from).toBe('2025-06-15');
  });

  test('is found for what a funder pays us, which may name itself as the payer', async () => {
    const terms = '[{ id: h1, payer: harbour, from: 2026-01-01, currency: CNY }]';
    const registry = await registryOf([[HARBOUR, 'terms: []', `terms: ${terms}`]]);
    expect(registry.termsOf('harbour', 'main', Date.parse('2026-02-01T00:00:00Z'))?.payer).toBe('harbour');
  });
});

describe('a version that has priced a commission', () => {
  test('does not load when its content changed', async () => {
    const priced = (await registryOf([])).termsFingerprints;
    const result = await loadEdited([[ACME, 'percent: "1.5"', 'percent: "1.0"']], { pricedTerms: async () => priced });
    expect(result.ok ? [] : result.problems).toMatchObject([
      { file: ACME, line: 25, path: 'terms[0].id', code: 'terms_immutable' },
    ]);
  });

  test('loads when only comments and layout changed, or what stands beside it', async () => {
    const priced = (await registryOf([])).termsFingerprints;
    const edits: Edit[] = [
      [ACME, '# silence is acceptance', '# five days'],
      [ACME, 'pay: { fixed: 3000 }', 'pay: {   "fixed":  3000  }'],
      [ACME, 'burst: 1000', 'burst: 10'],
    ];
    expect((await loadEdited(edits, { pricedTerms: async () => priced })).ok).toBe(true);
  });

  test('has a fingerprint that does not depend on the order of keys', () => {
    expect(termsFingerprint({ id: 'a', from: '2026-01-01' })).toBe(termsFingerprint({ from: '2026-01-01', id: 'a' }));
    expect(termsFingerprint({ id: 'a' })).not.toBe(termsFingerprint({ id: 'b' }));
  });
});
