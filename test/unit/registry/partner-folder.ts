import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach } from 'vitest';
import { type LoadOptions, type LoadResult, loadRegistry } from '../../../src/registry/load-registry.ts';
import type { Registry } from '../../../src/registry/registry.ts';

/** The files printed in the contract, and the two that those refer to. */
export const CONTRACT_FILES = fileURLToPath(new URL('../../fixtures/registry/contract', import.meta.url));
export const SHIPPED_FILES = fileURLToPath(new URL('../../../partners', import.meta.url));

/** Values of the variables that the contract's files name. */
export const VARIABLES = { ACME_HMAC: Buffer.alloc(32, 7).toString('base64'), ACME_HOOK: 'whsec_c2VjcmV0' };

export const ACME = 'traffic/acme/partner.yaml';
export const LENDER = 'lending/quickcredit/lender.yaml';
export const HARBOUR = 'funding/harbour/funder.yaml';
export const OPERATOR = 'operator.yaml';

/** [file, text to find, replacement]; the text must be there exactly once. */
export type Edit = readonly [file: string, find: string, replacement: string];

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** A copy of the contract's files in a temporary folder, edited; removed after the test. */
export async function partnerFolder(edits: readonly Edit[] = []): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-registry-'));
  folders.push(folder);
  await cp(CONTRACT_FILES, folder, { recursive: true });
  for (const edit of edits) await editFile(folder, edit);
  return folder;
}

export async function editFile(folder: string, [file, find, replacement]: Edit): Promise<void> {
  const path = join(folder, file);
  const text = await readFile(path, 'utf8');
  if (text.split(find).length !== 2) throw new Error(`${file} does not hold exactly once: ${find}`);
  await writeFile(
    path,
    text.replace(find, () => replacement),
  );
}

export async function loadEdited(edits: readonly Edit[], options: LoadOptions = {}): Promise<LoadResult> {
  return loadRegistry(await partnerFolder(edits), { variables: VARIABLES, ...options });
}

/** The registry of a set that must load; fails with the problems otherwise. */
export async function registryOf(edits: readonly Edit[], options: LoadOptions = {}): Promise<Registry> {
  const result = await loadEdited(edits, options);
  if (!result.ok) throw new Error(JSON.stringify(result.problems, null, 2));
  return result.registry;
}
