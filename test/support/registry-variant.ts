import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { loadRegistry } from '../../src/registry/load-registry.ts';
import type { Registry } from '../../src/registry/registry.ts';
import { SHIPPED_PARTNERS } from './intake.ts';

// biome-ignore lint/suspicious/noExplicitAny: a file as it is written; the loader judges it
type FileContent = any;

/** Changes to counterparty files by their path, such as `traffic/acme/partner.yaml`. */
export type FileChanges = Readonly<Record<string, (content: FileContent) => void>>;

/** Writes the shipped counterparties with changes into a folder. */
export function writeVariant(directory: string, changes: FileChanges): void {
  cpSync(SHIPPED_PARTNERS, directory, { recursive: true });
  for (const [file, change] of Object.entries(changes)) {
    const path = join(directory, file);
    const content = parse(readFileSync(path, 'utf8')) as FileContent;
    change(content);
    writeFileSync(path, stringify(content));
  }
}

/** The shipped counterparties with changes, read from files like any others. */
export async function registryVariant(changes: FileChanges): Promise<Registry> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-partners-'));
  try {
    writeVariant(directory, changes);
    const loaded = await loadRegistry(directory);
    if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join('\n'));
    return loaded.registry;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A product of a lender's file. */
export function productIn(content: FileContent, id: string): FileContent {
  return content.products.find((product: FileContent) => product.id === id);
}
