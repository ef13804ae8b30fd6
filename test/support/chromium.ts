import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const PROGRAM_NAMES = ['chromium', 'google-chrome-stable', 'google-chrome', 'chromium-browser'] as const;
const INSTALL_TIMEOUT_MS = 240_000;

/** The sandbox is off since tests run as root in containers; the rest keeps the browser from calling home. */
const LAUNCH_ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Starts the system's Chromium.
 * @throws Error with the command to run when there is none
 */
export function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) {
    throw new Error(`no chromium on the PATH; run: ${installHint()} (browser tests open real pages in it)`);
  }
  return chromium.launch({ executablePath, args: LAUNCH_ARGS });
}

/** Path of a Chromium or Chrome on the PATH, or undefined. */
export function findChromium(path: string = process.env.PATH ?? ''): string | undefined {
  for (const directory of ['/usr/bin', ...path.split(delimiter)]) {
    for (const name of PROGRAM_NAMES) {
      const candidate = join(directory, name);
      if (isExecutable(candidate)) return candidate;
    }
  }
  return undefined;
}

/**
 * Installs the system's package when there is no Chromium, where that is allowed: on Debian, as root or in CI. Never
 * fails: without a browser its tests say so, and all the others still run.
 * @param say gets one line before an install begins
 */
export function installChromium(say: (line: string) => void): void {
  if (findChromium() !== undefined || !mayInstall()) return;
  say('chromium is not installed: installing the system package (apt-get install chromium) …');
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  runQuietly([...sudo, 'apt-get', 'update', '-qq']);
  runQuietly([...sudo, 'apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'chromium']);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function mayInstall(): boolean {
  return existsSync('/usr/bin/apt-get') && (process.getuid?.() === 0 || process.env.CI === 'true');
}

function installHint(): string {
  if (process.platform === 'darwin') return 'brew install --cask chromium';
  return existsSync('/usr/bin/apt-get') ? 'sudo apt-get install chromium' : 'install Chromium or Google Chrome';
}

function runQuietly(command: readonly string[]): void {
  const [program = 'true', ...args] = command;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync(program, args, { stdio: 'ignore', timeout: INSTALL_TIMEOUT_MS, env });
}
