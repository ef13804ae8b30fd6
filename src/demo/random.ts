import { createHash } from 'node:crypto';

/** Repeatable chance for demonstrations and tests; nothing secret may come from it. */
export type Random = {
  /** A whole number from `min` to `max`, both included; the span stays below 2⁵³. */
  integer(min: number, max: number): number;
  /** One item; the list must not be empty. */
  pick<T>(items: readonly T[]): T;
};

/** Chris Doty-Humphrey's sfc32, seeded with the SHA-256 of a text. The same seed gives the same draws for ever. */
export function createRandom(seed: string): Random {
  const digest = createHash('sha256').update(seed).digest();
  let [a, b, c, counter] = [digest.readInt32LE(0), digest.readInt32LE(4), digest.readInt32LE(8), 1];

  const next32 = (): number => {
    const drawn = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + drawn;
    c |= 0;
    return drawn >>> 0;
  };
  /** 53 random bits as a fraction in [0, 1). */
  const fraction = (): number => ((next32() >>> 5) * 67_108_864 + (next32() >>> 6)) / 9_007_199_254_740_992;

  const integer: Random['integer'] = (min, max) => min + Math.floor(fraction() * (max - min + 1));
  const pick: Random['pick'] = (items) => {
    const [item] = items.slice(integer(0, items.length - 1));
    if (item === undefined) throw new RangeError('There is nothing to pick from.');
    return item;
  };
  return { integer, pick };
}
