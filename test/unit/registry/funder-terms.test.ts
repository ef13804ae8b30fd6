import { describe, expect, test } from 'vitest';
import { HARBOUR, loadEdited, registryOf } from './partner-folder.ts';

const withTerms = (fields: string) =>
  [HARBOUR, 'terms: []', `terms: [{ id: h1, from: 2026-01-01, currency: CNY, ${fields} }]`] as [string, string, string];

const problemsOf = async (fields: string) => {
  const result = await loadEdited([withTerms(fields)]);
  return (result.ok ? result.warnings : result.problems).filter(({ file }) => file === HARBOUR);
};

describe('the terms of a funder', () => {
  test('are paid by the funder itself, to one of our legal entities', async () => {
    expect(await problemsOf('payer: harbour')).toEqual([]);
    expect(await problemsOf('payer: operator')).toMatchObject([
      { code: 'payer_not_funder', hint: 'write payer: harbour' },
    ]);
    expect(await problemsOf('rules: []')).toMatchObject([{ code: 'payer_not_funder' }]);
    expect(await problemsOf('payer: harbour, payee: someone')).toMatchObject([{ code: 'unknown_payee' }]);
  });

  test('warn of events at which nobody knows yet whose money it will be', async () => {
    const rules = 'rules: [{ id: reg, on: applicant.registered, pay: { fixed: 1 } }]';
    expect(await problemsOf(`payer: harbour, ${rules}`)).toMatchObject([
      { code: 'never_earns', path: 'terms[0].rules[0].on' },
    ]);
  });

  test('are found by the id of the funder’s ledger, with their fingerprints, beside those of partners', async () => {
    const registry = await registryOf([withTerms('payer: harbour')]);
    expect(registry.ledgerParties).toEqual(expect.arrayContaining(['acme', 'funder:harbour']));
    expect(registry.contractsOf('funder:harbour')?.[0]).toMatchObject({
      id: 'h1',
      payer: 'harbour',
      payee: 'operator',
    });
    expect(registry.contractsOf('funder:harbour')?.[0]?.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(registry.contractsOf('harbour')).toBeUndefined();
  });

  test('hold while the funder is suspended: what it has lent is still paid for', async () => {
    const registry = await registryOf([withTerms('payer: harbour'), [HARBOUR, 'status: active', 'status: suspended']]);
    expect(registry.funders.get('harbour')?.status).toBe('suspended');
    expect(registry.contractsOf('funder:harbour')).toHaveLength(1);
  });
});
