import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { RegistryError } from '../../../src/registry/load-registry.ts';
import { type RegistrySource, watchRegistry } from '../../../src/registry/watch-registry.ts';
import { ACME, editFile, partnerFolder, VARIABLES } from './partner-folder.ts';

const sources: RegistrySource[] = [];
afterEach(async () => {
  for (const source of sources.splice(0)) await source.close();
});

async function follow(folder: string): Promise<RegistrySource> {
  const source = await watchRegistry(folder, { variables: VARIABLES, debounceMs: 30 });
  sources.push(source);
  return source;
}

describe('files that change while running', () => {
  test('a good change replaces the set and tells the listeners, once', async () => {
    const folder = await partnerFolder();
    const source = await follow(folder);
    const before = source.current();
    const seen: [string, string][] = [];
    source.onChange((now, previous) => seen.push([previous.revision, now.revision]));
    await editFile(folder, [ACME, 'burst: 1000', 'burst: 7']);
    await vi.waitFor(() => expect(source.current()).not.toBe(before), 5000);
    expect(source.current().traffic.get('acme')?.limits.burst).toBe(7);
    expect(before.traffic.get('acme')?.limits.burst).toBe(1000);
    expect(seen).toEqual([[before.revision, source.current().revision]]);
    expect(source.status()).toMatchObject({ revision: source.current().revision });
  });

  test('a bad change leaves the last good set in use and is reported, until it is put right', async () => {
    const folder = await partnerFolder();
    const source = await follow(folder);
    const good = source.current();
    const listener = vi.fn();
    source.onChange(listener);
    await editFile(folder, [ACME, 'disclosure: coarse', 'disclosure: everything']);
    await vi.waitFor(() => expect(source.status().lastError).toBeDefined(), 5000);
    expect(source.current()).toBe(good);
    expect(source.status()).toMatchObject({
      revision: good.revision,
      lastError: [{ file: ACME, line: 15, path: 'disclosure' }],
    });
    await editFile(folder, [ACME, 'disclosure: everything', 'disclosure: coarse']);
    await vi.waitFor(() => expect(source.status().lastError).toBeUndefined(), 5000);
    expect(source.current()).toBe(good);
    expect(listener).not.toHaveBeenCalled();
  });

  test('files that cannot be read leave the last good set in use, are reported, and are read again', async () => {
    const folder = await partnerFolder();
    const faults: unknown[] = [];
    const source = await watchRegistry(folder, {
      variables: VARIABLES,
      debounceMs: 30,
      retryMs: 50,
      onReload: ({ fault }) => faults.push(fault),
    });
    sources.push(source);
    const good = source.current();
    const text = await readFile(join(folder, ACME), 'utf8');
    await rm(join(folder, ACME));
    await mkdir(join(folder, ACME));
    await vi.waitFor(() => expect(source.status().lastError).toMatchObject([{ code: 'unreadable' }]), 5000);
    expect(source.current()).toBe(good);
    expect(faults.some((fault) => fault instanceof Error)).toBe(true);
    await rm(join(folder, ACME), { recursive: true });
    await writeFile(join(folder, ACME), text);
    await vi.waitFor(() => expect(source.status().lastError).toBeUndefined(), 5000);
  });

  test('a check that fails for a while is made again without another change', async () => {
    const folder = await partnerFolder();
    let away = false;
    const pricedTerms = async () => {
      if (away) throw new Error('the store is away');
      return new Map<string, string>();
    };
    const source = await watchRegistry(folder, { variables: VARIABLES, debounceMs: 30, retryMs: 50, pricedTerms });
    sources.push(source);
    away = true;
    await editFile(folder, [ACME, 'burst: 1000', 'burst: 7']);
    await vi.waitFor(() => expect(source.status().lastError).toBeDefined(), 5000);
    away = false;
    await vi.waitFor(() => expect(source.current().traffic.get('acme')?.limits.burst).toBe(7), 5000);
    expect(source.status().lastError).toBeUndefined();
  });

  test('a partner added as a folder, and saved by renaming, is picked up', async () => {
    const folder = await partnerFolder();
    const source = await follow(folder);
    await mkdir(join(folder, 'traffic/lantern'));
    await writeFile(join(folder, 'traffic/lantern/.partner.tmp'), 'id: lantern\nname: Lantern\nkind: referral\n');
    await rename(join(folder, 'traffic/lantern/.partner.tmp'), join(folder, 'traffic/lantern/partner.yaml'));
    await vi.waitFor(() => expect(source.current().traffic.has('lantern')).toBe(true), 5000);
    expect(source.status().lastError).toBeUndefined();
    await rm(join(folder, 'traffic/lantern'), { recursive: true });
    await vi.waitFor(() => expect(source.current().traffic.has('lantern')).toBe(false), 5000);
  });

  test('a listener that throws does not keep the others from hearing', async () => {
    const folder = await partnerFolder();
    const source = await follow(folder);
    const listener = vi.fn();
    source.onChange(() => {
      throw new Error('broken listener');
    });
    const off = source.onChange(listener);
    await editFile(folder, [ACME, 'burst: 1000', 'burst: 8']);
    await source.reload();
    expect(listener).toHaveBeenCalledTimes(1);
    off();
    await editFile(folder, [ACME, 'burst: 8', 'burst: 9']);
    await source.reload();
    expect(listener).toHaveBeenCalledTimes(1);
  });
});

describe('at boot', () => {
  test('a bad set stops the start and every problem is in the message', async () => {
    const folder = await partnerFolder([
      [ACME, 'disclosure: coarse', 'disclosure: everything'],
      [ACME, 'burst: 1000', 'burst: 0'],
    ]);
    const fault = await watchRegistry(folder, { variables: VARIABLES }).catch((thrown: unknown) => thrown);
    expect(fault).toBeInstanceOf(RegistryError);
    if (!(fault instanceof RegistryError)) return;
    expect(fault.problems).toHaveLength(2);
    expect(fault.message).toContain(`${ACME}:14:44  limits.burst  `);
    expect(fault.message).toContain(`${ACME}:15:13  disclosure  must be coarse, full or institution`);
  });
});
