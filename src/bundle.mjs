import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const SOURCE = fileURLToPath(new URL('.', import.meta.url));
const TARGET = fileURLToPath(new URL('../dist', import.meta.url));
export const ENTRY = join(TARGET, 'main.js');

/** Whether `dist/` is missing or older than any source file. */
export function isStale() {
  const builtMs = statSync(ENTRY, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return newestMs(SOURCE) > builtMs;
}

/**
 * The script of the hosted pages, minified, for browsers: with the very functions that the server checks with. Takes some ten
 * milliseconds. @returns its text
 */
export async function bundlePage() {
  const { outputFiles } = await build({
    entryPoints: [join(SOURCE, 'doors/referral/client/main.ts')],
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'iife',
    // BigInt is the newest that is needed; for older browsers the pages work without script.
    target: 'es2020',
    charset: 'utf8',
    legalComments: 'none',
    tsconfigRaw: {},
    write: false,
    logLevel: 'error',
  });
  return outputFiles[0].text;
}

/**
 * Bundles the TypeScript sources into `dist/`: a few files load several times faster than some hundred. Packages stay in
 * node_modules. Scripts and pages that a module reads beside itself stay in `src/`, and are found from there.
 */
export async function bundle() {
  const { outputFiles } = await build({
    entryPoints: [join(SOURCE, 'main.ts')],
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outdir: TARGET,
    sourcemap: true,
    define: { PAGE_SCRIPT: JSON.stringify(await bundlePage()) },
    write: false,
    logLevel: 'error',
    plugins: [{ name: 'own-place', setup: (context) => context.onLoad({ filter: /\.ts$/ }, keepOwnPlace) }],
  });
  // Several processes may do this at once: a file appears whole or not at all, and the entry comes last.
  const entryLast = outputFiles.sort((a, b) => Number(a.path === ENTRY) - Number(b.path === ENTRY));
  for (const { path, contents } of entryLast) {
    const temporary = `${path}.${process.pid}`;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(temporary, contents);
    renameSync(temporary, path);
  }
  removeOthers(new Set(outputFiles.map(({ path }) => path)));
}

/** A module that asks where it lies means its source file, also when it has been bundled. */
function keepOwnPlace({ path }) {
  const contents = readFileSync(path, 'utf8');
  if (!contents.includes('import.meta.url')) return undefined;
  const place = `new URL(${JSON.stringify(relative(TARGET, path))}, import.meta.url).href`;
  return { contents: contents.replaceAll('import.meta.url', place), loader: 'ts' };
}

/** Chunks of earlier builds that nobody can be about to load any more. */
function removeOthers(current) {
  const hourAgoMs = Date.now() - 3_600_000;
  for (const name of readdirSync(TARGET)) {
    const path = join(TARGET, name);
    if (!current.has(path) && statSync(path).mtimeMs < hourAgoMs) rmSync(path, { recursive: true });
  }
}

function newestMs(directory) {
  let newest = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    newest = Math.max(newest, entry.isDirectory() ? newestMs(path) : statSync(path).mtimeMs);
  }
  return newest;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle();
