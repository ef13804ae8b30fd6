import { ensureServer } from '../src/redis/find-server.ts';

/** Tests run on a real Redis: make sure there is one before the first file starts. */
export function setup(): void {
  ensureServer((line) => process.stdout.write(`${line}\n`));
}
