import { Command } from 'commander';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { registerPartnersCommand } from '../../../src/commands/partners.ts';
import { ACME, type Edit, partnerFolder } from './partner-folder.ts';

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

/** Runs `sluice partners check` in this process and gives what it printed and its exit code. */
async function check(edits: readonly Edit[], ...flags: string[]): Promise<{ output: string; code: unknown }> {
  const folder = await partnerFolder(edits);
  const written: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => written.push(String(chunk)) > 0);
  const program = new Command('sluice').exitOverride();
  registerPartnersCommand(program);
  await program.parseAsync(['partners', 'check', folder, ...flags], { from: 'user' });
  return { output: written.join(''), code: process.exitCode };
}

describe('sluice partners check', () => {
  test('says ok with a summary and leaves the exit code alone, although secrets are not at hand', async () => {
    const { output, code } = await check([]);
    expect(output).toContain('warning: the environment variable ACME_HMAC is not set');
    expect(output).toMatch(/ok {2}1 traffic, 1 lenders, 1 products, 2 funders, .*revision [0-9a-f]{12}\n$/);
    expect(code).toBeUndefined();
  });

  test('prints each problem as file:line:col  path  message and exits 1', async () => {
    const { output, code } = await check([[ACME, 'disclosure: coarse', 'disclosur: coarse']]);
    expect(output).toContain(`${ACME}:15:1  disclosur  unknown key (did you mean disclosure?)\n`);
    expect(code).toBe(1);
  });

  test('--json prints one document', async () => {
    const { output, code } = await check([[ACME, 'burst: 1000', 'burst: 0']], '--json');
    expect(JSON.parse(output)).toMatchObject({ ok: false, problems: [{ file: ACME, line: 14, path: 'limits.burst' }] });
    expect(code).toBe(1);
  });
});
