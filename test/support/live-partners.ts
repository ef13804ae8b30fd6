import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SHIPPED_PARTNERS } from './intake.ts';

/**
 * A copy of the shipped counterparties in which lender quickcredit is asked live.
 * @param precheck in YAML's flow style, such as `{ mode: live, forms: [plain] }`
 * @returns the folder; the caller's to remove
 */
export function livePartners(precheck: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-live-'));
  cpSync(SHIPPED_PARTNERS, folder, { recursive: true });
  const file = join(folder, 'lending/quickcredit/lender.yaml');
  const text = readFileSync(file, 'utf8');
  const changed = text.replace(/^precheck: .*$/m, `precheck: ${precheck}`);
  if (changed === text) throw new Error('the shipped lender has no precheck line any more');
  writeFileSync(file, changed);
  return folder;
}
