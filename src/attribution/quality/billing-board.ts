import { performance } from 'node:perf_hooks';
import { SECOND_MS } from '../../base/clock.ts';
import type { FindingStore } from './finding-store.ts';
import { type Hold, isHeldBy, LEAD_MS } from './hold.ts';

export interface BillingBoardDeps {
  readonly findings: Pick<FindingStore, 'holds'>;
  readonly failed: (error: unknown) => void;
}

const READ_EVERY_MS = SECOND_MS;
/** What was read longer ago may lack a hold that has begun. */
const STALE_AFTER_MS = LEAD_MS - SECOND_MS;

/**
 * Which links' clicks are not billable, in the memory of every process. A hold has an end, and the time of a click decides:
 * it ends also when nobody looks, and whoever counts a click late finds the same.
 */
export class BillingBoard {
  readonly #deps: BillingBoardDeps;
  #byLink: ReadonlyMap<string, readonly Hold[]> = new Map();
  #readMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  #asked = 0;
  #answered = 0;

  constructor(deps: BillingBoardDeps) {
    this.#deps = deps;
  }

  /** Whether a click of that time is not billable. Some tens of nanoseconds. */
  isOff(partnerId: string, linkCode: string, atMs: number): boolean {
    if (this.#byLink.size === 0) return false;
    const holds = this.#byLink.get(nameOf(partnerId, linkCode));
    return holds?.some((hold) => isHeldBy(hold, atMs)) ?? false;
  }

  /** Holds of a link, those that are over too; see `isBillableAfterAll`. */
  holdsOf(partnerId: string, linkCode: string): readonly Hold[] {
    return this.#byLink.get(nameOf(partnerId, linkCode)) ?? NONE;
  }

  /** Resolves when what it knows is recent enough to count clicks by. @throws when Redis cannot be asked */
  async fresh(): Promise<void> {
    if (performance.now() - this.#readMs > STALE_AFTER_MS) await this.read();
  }

  /** Reads the holds now. */
  async read(): Promise<void> {
    const askedMs = performance.now();
    this.#asked += 1;
    const number = this.#asked;
    const holds = await this.#deps.findings.holds();
    if (number < this.#answered) return;
    this.#answered = number;
    const byLink = new Map<string, Hold[]>();
    for (const hold of holds) {
      const name = nameOf(hold.partner_id, hold.link_code);
      const known = byLink.get(name);
      if (known === undefined) byLink.set(name, [hold]);
      else known.push(hold);
    }
    this.#byLink = byLink;
    this.#readMs = askedMs;
  }

  async start(): Promise<void> {
    await this.read();
    this.#schedule();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    this.#timer = setTimeout(() => {
      void this.read()
        .catch(this.#deps.failed)
        .finally(() => {
          if (!this.#isStopped) this.#schedule();
        });
    }, READ_EVERY_MS);
    this.#timer.unref();
  }
}

const NONE: readonly Hold[] = [];

function nameOf(partnerId: string, linkCode: string): string {
  return `${partnerId}|${linkCode}`;
}
