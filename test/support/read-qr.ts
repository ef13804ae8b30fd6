import { inflateSync } from 'node:zlib';

/** A square of modules, `true` = dark. */
export type Modules = readonly (readonly boolean[])[];

/** Pixels of a PNG of one bit of grey, `true` = dark. */
export function pixelsOfPng(png: Uint8Array): Modules {
  const file = Buffer.from(png);
  const size = file.readUInt32BE(16);
  const data: Buffer[] = [];
  for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at)) {
    const type = file.toString('latin1', at + 4, at + 8);
    if (type === 'IDAT') data.push(file.subarray(at + 8, at + 8 + file.readUInt32BE(at)));
  }
  const lines = inflateSync(Buffer.concat(data));
  const width = 1 + Math.ceil(size / 8);
  return Array.from({ length: size }, (_, y) =>
    Array.from({ length: size }, (_, x) => ((lines[y * width + 1 + (x >> 3)] ?? 0) & (0x80 >> (x & 7))) === 0),
  );
}

/** Modules of an SVG that draws a path of straight lines over a white ground, its quiet zone included. */
export function modulesOfSvg(svg: string): Modules {
  const [left = 0, top = 0, size = 0] = (/viewBox="([^"]+)"/.exec(svg)?.[1] ?? '').split(' ').map(Number);
  const loops = (/ d="([^"]+)"/.exec(svg)?.[1] ?? '').split('Z').filter((loop) => loop !== '');
  const edges = loops.flatMap((loop) => {
    const points = loop
      .slice(1)
      .split('L')
      .map((point) => point.split(' ').map(Number) as [number, number]);
    return points.map((point, at) => [point, points[(at + 1) % points.length] ?? point] as const);
  });
  // Even-odd: a ray to the left of a module's middle crosses the outline an odd number of times.
  const isDark = (x: number, y: number): boolean =>
    edges.filter(([[x1, y1], [x2, y2]]) => x1 === x2 && x1 < x && Math.min(y1, y2) < y && y < Math.max(y1, y2)).length %
      2 ===
    1;
  return Array.from({ length: size }, (_, y) =>
    Array.from({ length: size }, (_, x) => isDark(left + x + 0.5, top + y + 0.5)),
  );
}

/** What a camera sees: the picture sampled once a module, the white around it cut off. Tells how wide that is in pixels. */
export function modulesIn(pixels: Modules): {
  readonly modules: Modules;
  readonly quiet: number;
  readonly scale: number;
} {
  const quiet = pixels.findIndex((row) => row.includes(true));
  const start = pixels[quiet]?.indexOf(true) ?? 0;
  // The top of a finder pattern is seven dark modules.
  const run = (pixels[quiet]?.indexOf(false, start) ?? 0) - start;
  const scale = run / 7;
  // The top of the other one ends the row.
  const end = (pixels[quiet]?.lastIndexOf(true) ?? 0) + 1;
  const size = Math.round((end - start) / scale);
  const at = (index: number): number => start + Math.floor((index + 0.5) * scale);
  const modules = Array.from({ length: size }, (_, y) =>
    Array.from({ length: size }, (_, x) => pixels[at(y)]?.[at(x)] === true),
  );
  return { modules, quiet: Math.min(quiet, start), scale };
}

const MASKS: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(y / 2) + Math.floor(x / 3)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];
const LEVELS = ['M', 'L', 'H', 'Q'] as const;
const ALPHANUMERIC = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';

/** Reads a QR code of version 1 to 3 and one block (ISO/IEC 18004 §8), without its error correction. */
export function readQr(modules: Modules): { readonly text: string; readonly level: string } {
  const size = modules.length;
  const dark = (x: number, y: number): boolean => modules[y]?.[x] === true;
  const format =
    Array.from({ length: 5 }, (_, x) => Number(dark(x, 8))).reduce((all, bit) => all * 2 + bit, 0) ^ 0b10101;
  const mask = MASKS[format & 7] ?? (() => false);
  const bits: number[] = [];
  for (let right = size - 1, up = true; right > 0; right -= 2, up = !up) {
    if (right === 6) right -= 1;
    for (let step = 0; step < size; step += 1) {
      const y = up ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (!isFunction(x, y, size)) bits.push(Number(dark(x, y) !== mask(x, y)));
      }
    }
  }
  return { text: readSegments(bits), level: LEVELS[format >> 3] ?? '' };
}

function isFunction(x: number, y: number, size: number): boolean {
  const isCorner = (x < 9 && y < 9) || (x < 9 && y >= size - 8) || (x >= size - 8 && y < 9);
  const middle = size - 7;
  const isAlignment = size > 21 && Math.abs(x - middle) <= 2 && Math.abs(y - middle) <= 2;
  return isCorner || x === 6 || y === 6 || isAlignment;
}

function readSegments(bits: readonly number[]): string {
  let at = 0;
  const take = (count: number): number => {
    at += count;
    return bits.slice(at - count, at).reduce((all, bit) => all * 2 + bit, 0);
  };
  const bytes: number[] = [];
  const say = (text: string): void => void bytes.push(...Buffer.from(text));
  for (;;) {
    const mode = take(4);
    if (mode === 0) return Buffer.from(bytes).toString('utf8');
    if (mode === 7) take(8);
    else if (mode === 4) for (let left = take(8); left > 0; left -= 1) bytes.push(take(8));
    else if (mode === 2) {
      let left = take(9);
      for (; left > 1; left -= 2) {
        const pair = take(11);
        say(`${ALPHANUMERIC[Math.floor(pair / 45)]}${ALPHANUMERIC[pair % 45]}`);
      }
      if (left === 1) say(ALPHANUMERIC[take(6)] ?? '');
    } else if (mode === 1) {
      for (let left = take(10); left > 0; left -= 3) {
        const digits = Math.min(left, 3);
        say(String(take(digits * 3 + 1)).padStart(digits, '0'));
      }
    } else throw new Error(`mode ${mode}`);
  }
}
