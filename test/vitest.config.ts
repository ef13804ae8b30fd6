import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { ClosingLineReporter } from './closing-line-reporter.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const redisServer = fileURLToPath(new URL('./global-setup.ts', import.meta.url));
const chromium = fileURLToPath(new URL('./browser-setup.ts', import.meta.url));
const languages = fileURLToPath(new URL('./samples-setup.ts', import.meta.url));
/** Tests that run programs of other languages. */
const samples = ['test/e2e/guide-samples.test.ts', 'test/e2e/sign-command.test.ts'];

/**
 * Projects by what they need: `unit` nothing, `redis` a server of their own, `e2e` a whole gateway over HTTP or child
 * processes that get killed, `browser` a Chromium that opens a gateway's pages, `samples` the languages of the guide. Three workers at the most: CI
 * has two cores, every e2e and browser test starts servers, and many wait for a time to pass. A worker of the first three loads
 * what its files share once: each file opens a server or prefix of its own and closes it, and loading is a third of the cost.
 */
export default defineConfig({
  root,
  test: {
    reporters: ['default', new ClosingLineReporter()],
    maxWorkers: 3,
    projects: [
      { root, test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 20_000, isolate: false } },
      {
        root,
        test: {
          name: 'redis',
          include: ['test/redis/**/*.test.ts', 'test/simulator/**/*.test.ts'],
          globalSetup: [redisServer],
          testTimeout: 30_000,
          isolate: false,
        },
      },
      {
        root,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts', 'test/chaos/**/*.test.ts'],
          exclude: samples,
          globalSetup: [redisServer],
          testTimeout: 90_000,
          hookTimeout: 120_000,
          isolate: false,
        },
      },
      {
        root,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: [redisServer, chromium],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        root,
        test: {
          name: 'samples',
          include: samples,
          globalSetup: [redisServer, languages],
          testTimeout: 60_000,
          hookTimeout: 90_000,
        },
      },
    ],
  },
});
