import type { Clock } from '../../src/base/clock.ts';

/** Business time as a world has it: it moves when a step says so. */
export class SimClock implements Clock {
  #ms: number;

  constructor(iso: string) {
    this.#ms = Date.parse(iso);
  }

  nowMs(): number {
    return this.#ms;
  }

  advance(ms: number): void {
    this.#ms += ms;
  }
}
