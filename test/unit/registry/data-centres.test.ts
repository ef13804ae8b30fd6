import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadRegistry } from '../../../src/registry/load-registry.ts';
import { writeVariant } from '../../support/registry-variant.ts';

let directory: string;
const load = () => loadRegistry(directory, { requireSecrets: false });

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-centres-'));
  writeVariant(directory, {
    'operator.yaml': (file) => Object.assign(file, { traffic_quality: { data_centre_ranges: './centres.txt' } }),
  });
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('the list of data centres', () => {
  test('is part of the set: read beside operator.yaml, and another one is another revision', async () => {
    writeFileSync(join(directory, 'centres.txt'), '# a cloud\n192.0.2.0/24\n2001:db8::/32\n');
    const first = await load();
    if (!first.ok) throw new Error(JSON.stringify(first.problems));
    expect(first.registry.dataCentres.has('192.0.2.200')).toBe(true);
    expect(first.registry.dataCentres.has('198.51.100.1')).toBe(false);
    appendFileSync(join(directory, 'centres.txt'), '198.51.100.0/24\n');
    const second = await load();
    if (!second.ok) throw new Error(JSON.stringify(second.problems));
    expect(second.registry.revision).not.toBe(first.registry.revision);
    expect(second.registry.dataCentres.has('198.51.100.1')).toBe(true);
  });

  test('that is missing or has a fault does not load, and says where the fault is', async () => {
    const missing = await load();
    expect(missing).toMatchObject({ ok: false, problems: [{ file: 'centres.txt', code: 'file_missing' }] });
    writeFileSync(join(directory, 'centres.txt'), '192.0.2.0/24\nnot an address\n');
    expect(await load()).toMatchObject({
      ok: false,
      problems: [{ file: 'centres.txt', line: 2, code: 'not_a_range' }],
    });
  });

  test('cannot be a file outside of the folder', async () => {
    writeVariant(directory, {
      'operator.yaml': (file) =>
        Object.assign(file, { traffic_quality: { data_centre_ranges: './../../etc/hosts.txt' } }),
    });
    expect(await load()).toMatchObject({ ok: false });
  });
});
