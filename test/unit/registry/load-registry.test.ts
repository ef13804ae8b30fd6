import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadRegistry } from '../../../src/registry/load-registry.ts';
import { importSigningKey } from '../../../src/trust/import-key.ts';
import {
  ACME,
  CONTRACT_FILES,
  HARBOUR,
  LENDER,
  loadEdited,
  OPERATOR,
  partnerFolder,
  registryOf,
  SHIPPED_FILES,
  VARIABLES,
} from './partner-folder.ts';

describe('a valid set', () => {
  test('the files printed in the contract load as they stand', async () => {
    const result = await loadRegistry(CONTRACT_FILES, { variables: VARIABLES });
    expect(result.ok ? [] : result.problems).toEqual([]);
    expect(result.warnings.map((warning) => [warning.code, warning.line])).toEqual([
      ['consent_placeholder', 26],
      ['consent_placeholder', 26],
    ]);
  });

  test('everything written is kept, and what is left out has its default', async () => {
    const registry = await registryOf([]);
    const acme = registry.traffic.get('acme');
    expect(acme?.terms[0]?.rules[4]?.pay).toEqual({ percent: '8', of: ['interest', 'fees.service'] });
    expect(acme?.terms[0]?.rules[0]?.hold_days).toBe(0);
    expect(acme?.terms[0]?.clawback[2]?.take).toEqual({ percent: '100', pro_rata: 'unexpired_term' });
    expect(registry.funders.get('north')).toEqual({
      id: 'north',
      name: 'North Consumer Finance',
      status: 'active',
      trusts: [],
      lists: { auto_overdue_days: null },
      terms: [],
    });
    expect(registry.products.get('quick-cash')).toMatchObject({ lender_id: 'quickcredit', apr_cap: '0.24' });
    expect(registry.links.get('acme-home')?.partner).toBe(acme);
    expect(registry.operator.default_timezone).toBe('Asia/Shanghai');
  });

  test('the shipped set loads without a warning and needs no environment', async () => {
    const result = await loadRegistry(SHIPPED_FILES, { variables: {} });
    expect(result.ok ? [] : result.problems).toEqual([]);
    expect(result.warnings).toEqual([]);
    if (!result.ok) return;
    expect(result.registry.products.size).toBe(6);
    expect([...result.registry.traffic.keys()]).toEqual(['acme', 'lantern', 'summit']);
  });

  test('the shipped set is refused in live mode: its lenders and secrets are for the sandbox', async () => {
    const result = await loadRegistry(SHIPPED_FILES, { variables: {}, environment: 'live' });
    expect(result.ok).toBe(false);
    if (result.ok) return;
    expect(new Set(result.problems.map((problem) => problem.code))).toEqual(new Set(['sandbox_only']));
    expect(result.problems.map((problem) => problem.path)).toContain('keys[0].jwk');
  });

  test('the private half of the shipped sandbox key fits the public half in the partner file', async () => {
    const jwk = JSON.parse(await readFile(join(SHIPPED_FILES, 'traffic/acme/sandbox-key.json'), 'utf8'));
    const result = await loadRegistry(SHIPPED_FILES, { variables: {} });
    expect(importSigningKey({ id: 'acme-ed', alg: 'ed25519', jwk }).ok).toBe(true);
    expect(result.ok && result.registry.keys.get('acme-ed')?.spec.jwk?.x).toBe(jwk.x);
  });

  test('the shipped agreement has the hash that its product asks consent to', async () => {
    const text = await readFile(join(SHIPPED_FILES, 'lending/quickcredit/agreements/credit-authorisation-3.txt'));
    const result = await loadRegistry(SHIPPED_FILES, { variables: {} });
    const consents = result.ok ? result.registry.products.get('quick-cash')?.requirements.consents : undefined;
    expect(consents?.[0]?.text_sha256).toBe(createHash('sha256').update(text).digest('hex'));
  });
});

describe('the snapshot', () => {
  test('a key id leads to its party and to a key that verifies', async () => {
    const registry = await registryOf([]);
    const key = registry.keys.get('acme-hmac');
    expect(key?.party).toEqual({ kind: 'traffic', id: 'acme' });
    expect(key?.key?.alg).toBe('hmac-sha256');
    expect(key?.spec.secretBase64).toBe(VARIABLES.ACME_HMAC);
    expect(registry.keys.get('acme-ed')?.key?.keyObject.asymmetricKeyType).toBe('ed25519');
    expect(registry.callbackSecretOf('acme')).toBe('whsec_c2VjcmV0');
    expect(registry.callbackSecretOf('nobody')).toBeNull();
  });

  test('no secret appears when profiles or keys are written as JSON', async () => {
    const inline = Buffer.alloc(32, 9).toString('base64');
    const registry = await registryOf([
      [ACME, 'secret_env: ACME_HMAC', `secret: "${inline}"`],
      [ACME, 'secret_env: ACME_HOOK', 'secret: whsec_inline'],
    ]);
    const text = JSON.stringify([[...registry.traffic.values()], [...registry.keys.values()]]);
    expect(text).not.toContain(inline);
    expect(text).not.toContain('whsec_inline');
    expect(registry.keys.get('acme-hmac')?.spec.secretBase64).toBe(inline);
    expect(registry.callbackSecretOf('acme')).toBe('whsec_inline');
  });

  test('it cannot be changed', async () => {
    const registry = await registryOf([]);
    const terms = registry.traffic.get('acme')?.terms[0];
    expect(Object.isFrozen(registry)).toBe(true);
    expect(() => Object.assign(terms?.rules[0] ?? {}, { id: 'other' })).toThrow(TypeError);
    expect(() => Object.assign(registry.products.get('quick-cash')?.amount ?? {}, { min: 1 })).toThrow(TypeError);
  });

  test('the revision follows contents and is the same for the same files', async () => {
    const first = await registryOf([]);
    const same = await registryOf([]);
    const other = await registryOf([[ACME, 'burst: 1000', 'burst: 1001']]);
    expect(first.revision).toMatch(/^[0-9a-f]{12}$/);
    expect(same.revision).toBe(first.revision);
    expect(other.revision).not.toBe(first.revision);
  });

  test('a referral partner sees nothing of loans unless its file says so, a platform sees statuses', async () => {
    const platform = await registryOf([[ACME, 'visibility: status  ', '#']]);
    expect(platform.traffic.get('acme')?.visibility).toBe('status');
    const referral = await registryOf([
      [ACME, 'kind: platform', 'kind: referral'],
      [ACME, 'visibility: status  ', '#'],
    ]);
    expect(referral.traffic.get('acme')?.visibility).toBe('none');
  });

  test('terms and products that name no time zone take that of the operator', async () => {
    const registry = await registryOf([
      [OPERATOR, 'legal_entities:', 'default_timezone: America/New_York\nlegal_entities:'],
      [ACME, '    timezone: Asia/Shanghai\n', ''],
      [LENDER, '    timezone: Asia/Shanghai\n', ''],
    ]);
    expect(registry.traffic.get('acme')?.terms[0]?.timezone).toBe('America/New_York');
    expect(registry.products.get('quick-cash')?.timezone).toBe('America/New_York');
  });

  test('a dialect of its own is found in its folder, and its absence is a problem', async () => {
    const folder = await partnerFolder([[ACME, 'dialect: openapi', 'dialect: ./dialect.ts']]);
    const without = await loadRegistry(folder, { variables: VARIABLES });
    expect(without.ok ? [] : without.problems).toMatchObject([{ file: ACME, line: 6, column: 10, path: 'dialect' }]);
    await writeFile(join(folder, 'traffic/acme/dialect.ts'), 'export const dialect = {};\n');
    const within = await loadRegistry(folder, { variables: VARIABLES });
    expect(within.ok && within.registry.dialectFileOf('traffic', 'acme')).toBe(join(folder, 'traffic/acme/dialect.ts'));
  });
});

describe('secrets', () => {
  test('an absent variable is an error that names it, and only a warning where secrets are not required', async () => {
    const strict = await loadEdited([], { variables: { ACME_HOOK: 'whsec_x' } });
    expect(strict.ok ? [] : strict.problems).toMatchObject([
      { file: ACME, line: 12, column: 52, path: 'keys[1].secret_env', code: 'secret_missing' },
    ]);
    expect(strict.ok ? '' : strict.problems[0]?.message).toContain('ACME_HMAC');
    const lenient = await loadEdited([], { variables: {}, requireSecrets: false });
    expect(lenient.ok).toBe(true);
    expect(lenient.warnings.filter((warning) => warning.code === 'secret_missing')).toHaveLength(2);
    expect(lenient.ok && lenient.registry.keys.has('acme-hmac')).toBe(false);
  });

  test('a weak secret does not load for the native door and is a warning for a standard that prescribes it', async () => {
    const variables = { ...VARIABLES, ACME_HMAC: Buffer.from('short').toString('base64') };
    const native = await loadEdited([], { variables });
    expect(native.ok ? [] : native.problems).toMatchObject([
      { path: 'keys[1].secret_env', code: 'key_weak', line: 12 },
    ]);
    const dialect = await loadEdited([[ACME, 'dialect: openapi', 'dialect: ybqb']], { variables });
    expect(dialect.ok).toBe(true);
    expect(dialect.ok && dialect.registry.keys.get('acme-hmac')?.key).toBeNull();
  });
});

describe('all problems at once', () => {
  test('faults of several files are reported together, sorted by place', async () => {
    const result = await loadEdited([
      [ACME, 'burst: 1000', 'burst: none'],
      [ACME, 'currency: CNY', 'currency: YUAN'],
      [LENDER, 'apr_cap: "0.24"', 'apr_cap: "0.40"'],
      [HARBOUR, 'funder: north', 'funder: south'],
    ]);
    expect(result.ok ? [] : result.problems.map(({ file, line, path }) => `${file}:${line} ${path}`)).toEqual([
      `${HARBOUR}:5 trusts[0].funder`,
      `${LENDER}:23 products[0].apr_cap`,
      `${ACME}:14 limits.burst`,
      `${ACME}:30 terms[0].currency`,
    ]);
  });

  test('a faulty file does not make references to it look wrong', async () => {
    const result = await loadEdited([[LENDER, 'name: QuickCredit', 'name: 7']]);
    expect(result.ok ? [] : result.problems.map((problem) => problem.path)).toEqual(['name']);
  });

  test('a folder without its file and a missing operator.yaml are named', async () => {
    const folder = await partnerFolder();
    await mkdir(join(folder, 'traffic/empty'));
    await rm(join(folder, OPERATOR));
    const result = await loadRegistry(folder, { variables: VARIABLES });
    expect(result.ok ? [] : result.problems.map(({ file, code }) => [file, code])).toEqual([
      ['operator.yaml', 'file_missing'],
      ['traffic/empty/partner.yaml', 'file_missing'],
    ]);
  });
});
