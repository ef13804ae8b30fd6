import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { SHIPPED_PARTNERS } from './intake.ts';

/**
 * A copy of the shipped counterparties in which some traffic partners have other fields.
 * @param changes by partner id
 * @returns the folder, for `SLUICE_PARTNERS`; the caller removes it
 */
export function changedPartners(changes: Readonly<Record<string, object>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-partners-'));
  cpSync(SHIPPED_PARTNERS, directory, { recursive: true });
  for (const [id, fields] of Object.entries(changes)) {
    const file = join(directory, 'traffic', id, 'partner.yaml');
    writeFileSync(file, stringify({ ...parse(readFileSync(file, 'utf8')), ...fields }));
  }
  return directory;
}
