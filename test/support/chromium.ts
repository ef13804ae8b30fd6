import { type Browser, chromium } from 'playwright-core';
import { findProgram, hasApt, installPackage, mayInstall } from '../../src/redis/install-package.ts';

const PROGRAM_NAMES = ['chromium', 'google-chrome-stable', 'google-chrome', 'chromium-browser'] as const;

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
export function findChromium(): string | undefined {
  return findProgram(PROGRAM_NAMES);
}

/**
 * Installs the system's package when there is no Chromium, where that is allowed. Never fails: without a browser its tests
 * say so, and all the others still run.
 * @param say gets one line before an install begins
 */
export function installChromium(say: (line: string) => void): void {
  if (findChromium() === undefined && mayInstall()) installPackage('chromium', say);
}

function installHint(): string {
  if (process.platform === 'darwin') return 'brew install --cask chromium';
  return hasApt() ? 'sudo apt-get install chromium' : 'install Chromium or Google Chrome';
}
