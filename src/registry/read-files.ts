import { createHash } from 'node:crypto';
import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PartyKind } from './counterparty-set.ts';
import type { RegistryProblem } from './registry-problem.ts';

/** Where each kind of counterparty lives and what its file is called. */
export const PARTY_FILES: Readonly<Record<PartyKind, { folder: string; name: string }>> = {
  traffic: { folder: 'traffic', name: 'partner.yaml' },
  lender: { folder: 'lending', name: 'lender.yaml' },
  funder: { folder: 'funding', name: 'funder.yaml' },
};
export const OPERATOR_FILE = 'operator.yaml';
export const DIALECT_FILE = 'dialect.ts';

/** One counterparty file as it lies on disk. */
export interface RawFile {
  kind: PartyKind | 'operator';
  /** Relative to the directory, with `/`. */
  file: string;
  /** Folder name; empty for operator.yaml. */
  folder: string;
  text: string;
  /** Absolute path of dialect.ts beside it, when there is one. */
  dialectFile: string | null;
}

export interface RawSet {
  files: RawFile[];
  problems: RegistryProblem[];
  /** First 12 hex digits of the SHA-256 over names and contents, in name order. */
  revision: string;
}

const REVISION_DIGITS = 12;

/** Reads every counterparty file under a directory. Missing files are problems, not exceptions. */
export async function readFiles(directory: string): Promise<RawSet> {
  const problems: RegistryProblem[] = [];
  const files: RawFile[] = [];
  const found = await listFolder(directory);
  if (found === null) {
    problems.push(missing('.', 'directory_missing', `there is no directory ${directory}`, 'set SLUICE_PARTNERS'));
    return { files, problems, revision: '' };
  }
  for (const kind of Object.keys(PARTY_FILES) as PartyKind[]) {
    const { folder: parent, name } = PARTY_FILES[kind];
    for (const folder of (await listFolder(join(directory, parent))) ?? []) {
      const file = `${parent}/${folder}/${name}`;
      const text = await readText(join(directory, file));
      if (text === null) {
        problems.push(missing(file, 'file_missing', `the folder ${parent}/${folder} has no ${name}`, `add ${name}`));
        continue;
      }
      const dialect = join(directory, parent, folder, DIALECT_FILE);
      files.push({ kind, file, folder, text, dialectFile: (await exists(dialect)) ? dialect : null });
    }
  }
  const operator = await readText(join(directory, OPERATOR_FILE));
  if (operator === null) {
    const hint = 'it names our legal entities, which pay';
    problems.push(missing(OPERATOR_FILE, 'file_missing', `${OPERATOR_FILE} is missing`, hint));
  } else {
    files.push({ kind: 'operator', file: OPERATOR_FILE, folder: '', text: operator, dialectFile: null });
  }
  return { files, problems, revision: revisionOf(files) };
}

function revisionOf(files: readonly RawFile[]): string {
  const hash = createHash('sha256');
  for (const { file, text } of [...files].sort((left, right) => (left.file < right.file ? -1 : 1))) {
    hash.update(`${file}\0${Buffer.byteLength(text)}\0${text}`);
  }
  return hash.digest('hex').slice(0, REVISION_DIGITS);
}

/** Names of the folders inside, sorted, hidden ones left out; null when there is no such directory. */
async function listFolder(path: string): Promise<string[] | null> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries
      .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith('.'))
      .map((entry) => entry.name)
      .sort();
  } catch (fault) {
    if (isAbsent(fault)) return null;
    throw fault;
  }
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (fault) {
    if (isAbsent(fault)) return null;
    throw fault;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function isAbsent(fault: unknown): boolean {
  const code = fault instanceof Error && 'code' in fault ? fault.code : null;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function missing(file: string, code: string, message: string, hint: string): RegistryProblem {
  return { file, line: 1, column: 1, path: '', message, code, hint };
}
