import { mkdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const AUDIT = readFileSync(new URL('./page-audit.js', import.meta.url), 'utf8');
/** Where screenshots of a run lie, to be looked at. */
export const SCREENSHOTS = join(tmpdir(), 'sluice-pages');

/**
 * What keeps people out of the page as it stands; empty when nothing was found.
 * @param picture name of a picture that is taken of it
 */
export async function auditPage(page: Page, picture?: string): Promise<string[]> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  if (picture !== undefined) await page.screenshot({ path: join(SCREENSHOTS, `${picture}.png`), fullPage: true });
  return page.evaluate<string[]>(AUDIT);
}
