import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

/** The commands of the page, in order. */
function commandsOf(file: string): string {
  const text = readFileSync(`${root}openapi/guide/${file}`, 'utf8');
  return [...text.matchAll(/^```sh\n(.*?)\n```$/gms)].map(([, code = '']) => code).join('\n');
}

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.stop());

describe('the page about the first loan', () => {
  test('pasted into a shell, leads from the shelf to a settled loan, with no answer but 2xx', async () => {
    // What the reader waits for, the clock is moved for.
    const clock = `curl -sf -o wait.txt ${gateway.url}/sandbox/clock -H 'Authorization: Bearer ${gateway.adminToken}' -H 'Content-Type: application/json' --data '{"advance":"1m"}'`;
    const script = commandsOf('first-loan.md')
      .replace('http://127.0.0.1:8787', gateway.url)
      .replaceAll(/^sleep \d.*$/gm, clock);
    const { stdout } = await run('bash', ['-eo', 'pipefail', '-c', script], { cwd: root });
    const answers = stdout.split('\n').filter((line) => /^\d{3} /.test(line));
    expect(answers.length).toBeGreaterThan(10);
    expect(answers.filter((line) => !line.startsWith('2'))).toEqual([]);
    expect(stdout).toMatch(/"partner_ref":"FIRST-LOAN".*"status":"settled"/);
    expect(stdout).toMatch(/"rule":"first".*"why":/);
  });

  test('has the same commands in Chinese', () => {
    expect(commandsOf('first-loan.zh.md')).toBe(commandsOf('first-loan.md'));
  });
});
