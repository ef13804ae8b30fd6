import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { testVariables } from './gateway.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** `sluice applications check` on the Redis of a gateway that runs on a data folder. */
export function applicationsCheck(
  dataDir: string,
  ...args: string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const env = { ...process.env, ...testVariables(dataDir), NO_COLOR: '1' };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', 'tsx', MAIN, 'applications', 'check', ...args],
      { env },
      (error, out, err) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
      },
    );
  });
}
