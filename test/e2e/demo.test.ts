import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const dataDir = mkdtempSync(join(tmpdir(), 'sluice-demo-'));

afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

/** Runs `sluice …` as a person would; settings come only from what is given. */
async function sluice(...args: string[]): Promise<{ code: number | null; out: string; errors: string }> {
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, SLUICE_DATA: dataDir };
  const child = spawn(process.execPath, ['src/sluice.mjs', ...args], { cwd: ROOT, env });
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { code, out, errors };
}

describe('the demo', () => {
  test('takes applicants from clicks and signed calls to statements that verify, and leaves nothing behind', async () => {
    const { code, out, errors } = await sluice('demo', '--once', '--applicants', '40');
    expect({ code, errors }, out).toEqual({ code: 0, errors: '' });
    const statements = out.split('\n').filter((line) => /\bstm_[0-9a-f]{32}\b/.test(line));
    expect(statements.length).toBeGreaterThanOrEqual(5);
    for (const line of statements) expect(line.trimEnd()).toMatch(/ ok$/);
    for (const partner of ['acme', 'summit', 'lantern']) expect(statements.join('\n')).toContain(partner);
    expect(out).toContain('Everything adds up.');
    // No terminal: no control sequences, nothing beyond ASCII.
    expect(out).toMatch(/^[\x20-\x7e\n]*$/);
    expect(readdirSync(dataDir)).toEqual([]);
  }, 60_000);

  test('says what it does not understand', async () => {
    const { code, errors } = await sluice('demo', '--once', '--applicants', 'many');
    expect(code).not.toBe(0);
    expect(errors).toContain('whole number');
    expect(readdirSync(dataDir)).toEqual([]);
  });
});
