import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { openapiFiles } from './openapi-documents.ts';

/** Where the generated files are committed. */
export const OPENAPI_DIRECTORY = fileURLToPath(new URL('../../openapi/', import.meta.url));

/** Adds `sluice openapi [--check]`: writes the OpenAPI documents and JSON Schemas from the code; needs no Redis. */
export function registerOpenapiCommand(program: Command): void {
  program
    .command('openapi')
    .description('generate openapi/ from the code')
    .option('--check', 'write nothing; exit 1 when the committed files differ')
    .action(async (flags: { check?: boolean }) => {
      const drift = await openapiDrift(OPENAPI_DIRECTORY);
      if (flags.check !== true) await writeOpenapi(OPENAPI_DIRECTORY);
      for (const { path, state } of drift) process.stdout.write(`${state.padEnd(8)} openapi/${path}\n`);
      if (drift.length === 0) process.stdout.write('openapi/ is up to date\n');
      else if (flags.check === true) {
        process.stdout.write('run: npm run openapi\n');
        process.exitCode = 1;
      }
    });
}

export interface Drift {
  /** Under the directory. */
  readonly path: string;
  /** `stale`: a generated kind of file that is generated no more. */
  readonly state: 'missing' | 'differs' | 'stale';
}

/** How the files on disk differ from what the code gives; empty when they agree. */
export async function openapiDrift(directory: string): Promise<Drift[]> {
  const expected = openapiFiles();
  const drift: Drift[] = [];
  for (const [path, text] of expected) {
    const found = await readFile(join(directory, path), 'utf8').catch(() => undefined);
    if (found === undefined) drift.push({ path, state: 'missing' });
    else if (found !== text) drift.push({ path, state: 'differs' });
  }
  for (const path of await jsonFilesUnder(directory)) {
    if (!expected.has(path)) drift.push({ path, state: 'stale' });
  }
  return drift;
}

/** Writes all files and removes JSON files that are generated no more. */
export async function writeOpenapi(directory: string): Promise<void> {
  const files = openapiFiles();
  for (const [path, text] of files) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
  for (const path of await jsonFilesUnder(directory)) {
    if (!files.has(path)) await rm(join(directory, path));
  }
}

async function jsonFilesUnder(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
}
