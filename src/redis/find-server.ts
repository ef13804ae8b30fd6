import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const SERVER_NAMES = ['redis-server', 'valkey-server'] as const;
const INSTALL_TIMEOUT_MS = 240_000;

/** Path of a `redis-server` or `valkey-server` on the PATH, or undefined. */
export function findServer(path: string = process.env.PATH ?? ''): string | undefined {
  for (const directory of path.split(delimiter)) {
    for (const name of SERVER_NAMES) {
      const candidate = join(directory, name);
      try {
        accessSync(candidate, constants.X_OK);
        return candidate;
      } catch {
        // Not in this directory; look on.
      }
    }
  }
  return undefined;
}

/** Nothing that runs a Redis is installed, and we may not install it. `message` is the whole help, one line. */
export class ServerMissingError extends Error {
  override readonly name = 'ServerMissingError';
}

/**
 * Finds a server, or installs the system's package where that is allowed: on Debian or Ubuntu, as root or in CI.
 * @param say gets one line before an install begins
 * @throws ServerMissingError with the command to run
 */
export function ensureServer(say: (line: string) => void): string {
  const found = findServer();
  if (found) return found;
  if (!mayInstall()) {
    throw new ServerMissingError(`no redis-server or valkey-server on the PATH; run: ${installHint()}`);
  }
  say('redis-server is not installed: installing the system package (apt-get install redis-server) …');
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  runQuietly([...sudo, 'apt-get', 'update', '-qq']);
  // Only the binary is wanted; RUNLEVEL=1 (below) keeps the package from starting a service of its own.
  runQuietly([...sudo, 'apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'redis-server']);
  const installed = findServer();
  if (!installed) throw new ServerMissingError(`installing redis-server failed; run: ${installHint()}`);
  return installed;
}

function mayInstall(): boolean {
  return existsSync('/usr/bin/apt-get') && (process.getuid?.() === 0 || process.env.CI === 'true');
}

function installHint(): string {
  if (process.platform === 'darwin') return 'brew install redis';
  return existsSync('/usr/bin/apt-get') ? 'sudo apt-get install redis-server' : 'install Redis 7 or Valkey 7.2';
}

function runQuietly(command: readonly string[]): void {
  const [program = 'true', ...args] = command;
  spawnSync(program, args, {
    stdio: 'ignore',
    timeout: INSTALL_TIMEOUT_MS,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
  });
}
