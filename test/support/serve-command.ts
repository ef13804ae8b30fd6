import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { testVariables } from './gateway.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export interface ServeCommand {
  readonly url: string;
  /** Process ids of what it has forked. */
  children(): number[];
  /** What it has said so far. */
  said(): string;
  /** SIGKILL: nothing is flushed, nothing is told. What it has forked ends by itself. Resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM. @returns its exit code */
  stop(): Promise<number | null>;
}

/** `sluice serve` in a process of its own, as an operator starts it. */
export async function startServeCommand(
  dataDir: string,
  variables: Readonly<Record<string, string>>,
): Promise<ServeCommand> {
  const env = { ...process.env, ...testVariables(dataDir, variables) };
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, 'serve'], {
    env,
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const lines: string[] = [];
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stderr).on('line', (line) => {
      lines.push(line);
      const ready = /ready\S* (http:\S+)/.exec(line);
      if (ready?.[1]) resolve(ready[1]);
    });
    child.once('exit', () => reject(new Error(`it ended before it was ready:\n${lines.join('\n')}`)));
  });
  const { pid = 0 } = child;
  return {
    url,
    children: () => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number),
    said: () => lines.join('\n'),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    stop: () => {
      child.kill('SIGTERM');
      return exited;
    },
  };
}
