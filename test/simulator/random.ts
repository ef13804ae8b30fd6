import { hash } from 'node:crypto';

/** Numbers that follow from a text alone: the same seed always draws the same. */
export class Random {
  #state: number;

  constructor(seed: string) {
    this.#state = Number.parseInt(hash('sha256', seed, 'hex').slice(0, 8), 16);
  }

  /** In [0, 1): mulberry32, https://gist.github.com/tommyettinger/46a874533244883189143505d203312c. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of them; undefined of none. */
  pick<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.next() * items.length)];
  }

  /** So many of them at most, each once, in an order of its own. */
  some<T>(items: readonly T[], count: number): T[] {
    const rest = [...items];
    const taken: T[] = [];
    while (taken.length < count && rest.length > 0)
      taken.push(...rest.splice(Math.floor(this.next() * rest.length), 1));
    return taken;
  }

  /** One of a table, each as often as its weight says. */
  weighted<T>(table: readonly (readonly [T, number])[]): T | undefined {
    let left = this.next() * table.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [item, weight] of table) {
      left -= weight;
      if (left < 0) return item;
    }
    return table.at(-1)?.[0];
  }
}
