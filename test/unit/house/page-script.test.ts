import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { pageScript } from '../../../src/doors/referral/page-script.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** What is left of the page's 60 KB after the longest form. */
const SCRIPT_MAX_BYTES = 32_000;

describe('the script of the pages', () => {
  test('is type-checked like the rest, against a browser', () => {
    const tsc = spawnSync('node_modules/.bin/tsc', ['-p', 'src/doors/referral/client/tsconfig.json'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect(tsc.stdout).toBe('');
    expect(tsc.status).toBe(0);
  });

  test('is small, and holds nothing that older browsers stumble over or that servers keep to themselves', async () => {
    const { text, path } = await pageScript();
    expect(Buffer.byteLength(text)).toBeLessThan(SCRIPT_MAX_BYTES);
    // Lookbehind: a syntax error for the whole script before Safari 16.4.
    expect(text).not.toMatch(/\(\?<[=!]/);
    expect(text).not.toMatch(/\bimport\s*[({"']|process\.env|node:|fingerprint|sealer/);
    expect(text).not.toMatch(/localStorage|document\.cookie|\beval\b|innerHTML\s*=[^=]/);
    expect(path).toMatch(/^\/apply\/assets\/page-[0-9a-f]{16}\.js$/);
  });
});
