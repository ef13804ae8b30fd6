import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const SOURCE = fileURLToPath(new URL('../../src/', import.meta.url));
const STAND_INS = fileURLToPath(new URL('./no-limits.ts', import.meta.url));
/** Inside the checkout, so that packages are found. */
const TARGETS = fileURLToPath(new URL('../../node_modules/.sluice-bench/', import.meta.url));

/** Modules that are replaced: what counts, what tells, what guards. */
const REPLACED = new Set(
  [
    'limits/admission.ts',
    'limits/guarded-admissions.ts',
    'limits/probe-budget.ts',
    'limits/place-store.ts',
    'http/rate-limit-fields.ts',
    'http/perimeter.ts',
  ].map((path) => join(SOURCE, path)),
);

export interface OtherBuild {
  /** What node runs. */
  readonly entry: string;
  remove(): void;
}

/**
 * Bundles the gateway, whole or with its limits left out (nonces excepted): what they cost is the difference between two
 * builds that are alike in everything else.
 */
export async function buildGateway(limits: 'with' | 'without'): Promise<OtherBuild> {
  mkdirSync(TARGETS, { recursive: true });
  const target = mkdtempSync(join(TARGETS, randomBytes(4).toString('hex')));
  await build({
    entryPoints: [join(SOURCE, 'main.ts')],
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outdir: target,
    logLevel: 'error',
    plugins: [{ name: 'no-limits', setup: (context) => context.onLoad({ filter: /\.ts$/ }, load[limits]) }],
  });
  return { entry: join(target, 'main.js'), remove: () => rmSync(target, { recursive: true, force: true }) };
}

/** Modules read scripts and pages beside themselves: where they lie is written into them. */
function source({ path }: { path: string }) {
  const place = JSON.stringify(pathToFileURL(path).href);
  const contents = readFileSync(path, 'utf8').replaceAll('import.meta.url', place);
  return { contents, loader: 'ts' as const, resolveDir: dirname(path) };
}

const load = {
  with: source,
  without: ({ path }: { path: string }) =>
    REPLACED.has(path)
      ? { contents: `export * from ${JSON.stringify(STAND_INS)};`, loader: 'ts' as const }
      : source({ path }),
};
