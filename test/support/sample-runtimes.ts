import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { findProgram, installPackages, mayInstall } from '../../src/redis/install-package.ts';

/** A language that the guide has a sample in. */
export interface SampleRuntime {
  readonly name: 'curl' | 'node' | 'python' | 'php' | 'go' | 'java';
  /** Debian packages that bring it. */
  readonly packages: readonly string[];
  /** The program that runs samples, where everything that they need is there. */
  readonly find: () => string | undefined;
}

/** The system's own comes first: another one on the PATH may lack the package that Debian brings. */
const PYTHONS = ['/usr/bin/python3', findProgram(['python3'])];

/** Every one of them: what cannot be had is said to be missing by the test that needs it. */
export const sampleRuntimes: readonly SampleRuntime[] = [
  {
    name: 'curl',
    packages: ['curl', 'openssl'],
    find: () => (findProgram(['openssl']) && findProgram(['curl']) ? findProgram(['bash']) : undefined),
  },
  { name: 'node', packages: [], find: () => process.execPath },
  {
    name: 'python',
    packages: ['python3', 'python3-cryptography'],
    find: () =>
      PYTHONS.find((path) => path !== undefined && existsSync(path) && works(path, '-c', 'import cryptography')),
  },
  { name: 'php', packages: ['php-cli'], find: () => runnable('php', '-r', 'sodium_crypto_sign_keypair();') },
  { name: 'go', packages: ['golang-go'], find: () => runnable('go', 'version') },
  {
    name: 'java',
    packages: ['default-jdk-headless'],
    find: () => (findProgram(['javac']) ? findProgram(['java']) : undefined),
  },
];

/** Installs what is missing in one run, where that is allowed. Never fails: what is missing then is told by its tests. */
export function installSampleRuntimes(say: (line: string) => void): void {
  const missing = sampleRuntimes.filter(({ find }) => find() === undefined).flatMap(({ packages }) => packages);
  if (missing.length > 0 && mayInstall()) installPackages(missing, say);
}

function runnable(name: string, ...args: readonly string[]): string | undefined {
  const path = findProgram([name]);
  return path !== undefined && works(path, ...args) ? path : undefined;
}

function works(program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}
