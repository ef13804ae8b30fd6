import { findProgram, hasApt, installPackage, mayInstall } from './install-package.ts';

const SERVER_NAMES = ['redis-server', 'valkey-server'] as const;

/** Path of a `redis-server` or `valkey-server` on the PATH, or undefined. */
export function findServer(path?: string): string | undefined {
  return findProgram(SERVER_NAMES, path);
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
  installPackage('redis-server', say);
  const installed = findServer();
  if (!installed) throw new ServerMissingError(`installing redis-server failed; run: ${installHint()}`);
  return installed;
}

function installHint(): string {
  if (process.platform === 'darwin') return 'brew install redis';
  return hasApt() ? 'sudo apt-get install redis-server' : 'install Redis 7 or Valkey 7.2';
}
