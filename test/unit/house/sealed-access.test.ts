import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const SOURCE = fileURLToPath(new URL('../../../src', import.meta.url));

function sources(directory: string = SOURCE): { path: string; code: string }[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return sources(path);
    return path.endsWith('.ts') ? [{ path: relative(SOURCE, path), code: readFileSync(path, 'utf8') }] : [];
  });
}

const files = sources();
const SEALER = 'identity/seal.ts';
/** The same for files: what is too large for one text. */
const FRAME_SEALER = 'identity/seal-frames.ts';

/** The arguments of each call of `name(`, as text. */
function callsOf(code: string, name: RegExp): string[] {
  return [...code.matchAll(name)].map((match) => {
    const from = (match.index ?? 0) + match[0].length;
    let depth = 1;
    let at = from;
    for (; depth > 0 && at < code.length; at += 1) {
      if (code[at] === '(') depth += 1;
      if (code[at] === ')') depth -= 1;
    }
    return code.slice(from, at - 1);
  });
}

describe('sealed data', () => {
  test('is opened by the sealer alone, which tells every opening', () => {
    const others = files.filter(
      ({ path, code }) => ![SEALER, FRAME_SEALER].includes(path) && /createDecipheriv|createCipheriv/.test(code),
    );
    expect(others.map(({ path }) => path)).toEqual([]);
  });

  test('has one ring of keys, whose openings are logged', () => {
    const makers = files.filter(({ path, code }) => path !== SEALER && /createSealer\(/.test(code));
    expect(makers.map(({ path }) => path)).toEqual(['gateway/secrets.ts']);
    expect(makers[0]?.code).toMatch(/createSealer\(\{[^}]*onAccess/);
    const composed = files.find(({ path }) => path === 'gateway.ts');
    expect(composed?.code).toMatch(/deriveSecrets\(\{[^}]*onAccess: logAccess\(logger\)/);
  });

  test('is opened in files with that ring too, by whoever says why, or to nobody’s eyes', () => {
    const makers = files.filter(({ path, code }) => path !== FRAME_SEALER && /createFrameSealer\(/.test(code));
    expect(makers.map(({ path }) => path)).toEqual(['gateway/secrets.ts']);
    expect(makers[0]?.code).toMatch(/createFrameSealer\(\{[^}]*onAccess/);
    const reads = files.flatMap(({ path, code }) =>
      path === FRAME_SEALER ? [] : callsOf(code, /frames\.read\(/g).map((call) => `${path}: ${call}`),
    );
    expect(reads.filter((call) => !/, (access|null)$/.test(call))).toEqual([]);
    // Once to check, which shows nothing, and once to give it out.
    expect(reads).toHaveLength(2);
  });

  test('is opened nowhere without saying why', () => {
    const silent: string[] = [];
    let calls = 0;
    for (const { path, code } of files.filter((file) => file.path !== SEALER)) {
      for (const call of callsOf(code, /\.openJson\(|\b(?:sealer|opener)\.open\(/g)) {
        calls += 1;
        // The purpose stands in the call, or in a constant `access` beside it.
        const isStated = /purpose:/.test(call) || (/\baccess\b/.test(call) && /access\b[^;]*purpose: '/.test(code));
        if (!isStated) silent.push(`${path}: (${call})`);
      }
    }
    expect(silent).toEqual([]);
    expect(calls).toBeGreaterThanOrEqual(4);
  });

  test('has no purpose that nobody has: the word for none is the sealer’s own', () => {
    const unstated = files.filter(({ path, code }) => path !== SEALER && code.includes("'unstated'"));
    expect(unstated.map(({ path }) => path)).toEqual([]);
  });
});
