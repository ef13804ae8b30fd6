import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const APT_GET = '/usr/bin/apt-get';
const INSTALL_TIMEOUT_MS = 240_000;

/** Path of the first of several programs that is on the PATH, or undefined. */
export function findProgram(names: readonly string[], path: string = process.env.PATH ?? ''): string | undefined {
  for (const directory of path.split(delimiter)) {
    for (const name of names) {
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

/** Whether the system's packages are Debian's or Ubuntu's. */
export function hasApt(): boolean {
  return existsSync(APT_GET);
}

/** Whether we may install a system package: on Debian or Ubuntu, as root or in CI. */
export function mayInstall(): boolean {
  return hasApt() && (process.getuid?.() === 0 || process.env.CI === 'true');
}

/**
 * Installs a Debian package without a word; whether it worked shows in what it brings.
 * @param say gets one line before the install begins
 */
export function installPackage(name: string, say: (line: string) => void): void {
  installPackages([name], say);
}

/** The same for several at once, which is one run of apt-get. */
export function installPackages(names: readonly string[], say: (line: string) => void): void {
  const list = names.join(' ');
  say(
    `${list} ${names.length === 1 ? 'is' : 'are'} not installed: installing the system package (apt-get install ${list}) …`,
  );
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  runQuietly([...sudo, APT_GET, 'update', '-qq']);
  runQuietly([...sudo, APT_GET, 'install', '-y', '-qq', '--no-install-recommends', ...names]);
}

function runQuietly([program = 'true', ...args]: readonly string[]): void {
  // RUNLEVEL=1 keeps a server's package from starting a service of its own: only the program is wanted.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  spawnSync(program, args, { stdio: 'ignore', timeout: INSTALL_TIMEOUT_MS, env });
}
