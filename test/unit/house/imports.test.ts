import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const SOURCE = fileURLToPath(new URL('../../../src', import.meta.url));

/** Rooms by floor, from the top. A room may import rooms of lower floors; rooms of one floor do not import one another. */
const FLOORS: readonly (readonly string[])[] = [
  ['main', 'gateway'],
  ['commands', 'demo', 'sandbox', 'trial'],
  ['doors'],
  ['http'],
  ['intake', 'privacy', 'keys'],
  ['screening', 'attribution', 'applications', 'catalogue', 'revenue', 'delivery', 'insight', 'dialects'],
  ['events'],
  ['registry'],
  ['limits', 'audit', 'operators'],
  ['identity', 'trust'],
  ['redis', 'outbound', 'pricing'],
  ['config', 'base', 'version'],
];

/** Tools of the top floors that use each other: a command starts the demo, the demo starts a gateway. */
const TOP_FLOORS = 2;

function floorOf(room: string): number {
  return FLOORS.findIndex((floor) => floor.includes(room));
}

function sourceFiles(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return sourceFiles(path);
    return /\.(ts|tsx)$/.test(entry.name) ? [path] : [];
  });
}

function roomOf(path: string): string {
  return relative(SOURCE, path).split('/')[0]?.replace(/\.ts$/, '') ?? '';
}

function importsOf(path: string): string[] {
  const source = readFileSync(path, 'utf8');
  return [...source.matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)].map((match) =>
    resolve(dirname(path), match[1] ?? ''),
  );
}

const files = sourceFiles(SOURCE);

describe('the house', () => {
  test('every room has a floor', () => {
    const unknown = new Set(files.map(roomOf).filter((room) => floorOf(room) < 0));
    expect([...unknown]).toEqual([]);
  });

  test('imports go down only, and rooms of one floor do not import one another', () => {
    const breaches: string[] = [];
    for (const file of files) {
      const from = roomOf(file);
      for (const target of importsOf(file)) {
        const to = roomOf(target);
        if (from === to || floorOf(from) < floorOf(to)) continue;
        if (floorOf(from) < TOP_FLOORS && floorOf(to) < TOP_FLOORS) continue;
        breaches.push(`${relative(SOURCE, file)} → ${relative(SOURCE, target)}`);
      }
    }
    expect(breaches).toEqual([]);
  });

  test('no file imports itself in a circle', () => {
    const graph = new Map(files.map((file) => [file, importsOf(file)]));
    const done = new Set<string>();
    const circles: string[] = [];
    const walk = (file: string, trail: readonly string[]): void => {
      if (trail.includes(file)) {
        circles.push([...trail.slice(trail.indexOf(file)), file].map((one) => relative(SOURCE, one)).join(' → '));
        return;
      }
      if (done.has(file)) return;
      for (const target of graph.get(file) ?? []) walk(target, [...trail, file]);
      done.add(file);
    };
    for (const file of files) walk(file, []);
    expect(circles).toEqual([]);
  });
});
