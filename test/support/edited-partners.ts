import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SHIPPED_PARTNERS } from './intake.ts';

/** A file below the folder, a text in it, and what takes its place. */
export type Edit = readonly [file: string, from: string | RegExp, to: string];

/** Nobody listens there: what was taken in stays as it was answered, so that answers can be compared whole. */
export const NOBODY_LISTENS: Edit = [
  'lending/quickcredit/lender.yaml',
  '\ncore: sandbox',
  '\ncore: { url: "http://127.0.0.1:9" }',
];

/** A copy of the shipped counterparties with changes, in a folder of its own, which the caller removes. */
export function editedPartners(...edits: readonly Edit[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-partners-'));
  cpSync(SHIPPED_PARTNERS, directory, { recursive: true });
  for (const [file, from, to] of edits) {
    const path = join(directory, file);
    const text = readFileSync(path, 'utf8');
    const changed = text.replace(from, to);
    if (changed === text) throw new Error(`${file} has no ${from}`);
    writeFileSync(path, changed);
  }
  return directory;
}
