import type { LoggedClick } from '../clicks/click.ts';
import type { BillingBoard } from './billing-board.ts';
import type { DirtyLinks } from './dirty-links.ts';
import type { RestoreClicks } from './restore-clicks.ts';
import type { TrafficStore } from './traffic-store.ts';
import { ALL_LINKS, TrafficTally } from './traffic-tally.ts';

export interface QualityClicksDeps {
  readonly store: Pick<TrafficStore, 'markOf' | 'add'>;
  readonly dirty: Pick<DirtyLinks, 'add'>;
  readonly restores: Pick<RestoreClicks, 'late'>;
  readonly board: Pick<BillingBoard, 'fresh'>;
  readonly timeZoneOf: (productId: string | null) => string;
}

/** Marks kept in memory; without one it is asked for. */
const REMEMBERED_MARKS = 20_000;

/**
 * Counts the clicks of a batch for judging them. A batch may come again, after a crash or in another process: the mark of
 * the shard, kept in the slot of each partner, says from where on it is new.
 */
export class QualityClicks {
  readonly name = 'quality';
  readonly #deps: QualityClicksDeps;
  readonly #marks = new Map<string, string>();

  constructor(deps: QualityClicksDeps) {
    this.#deps = deps;
  }

  /**
   * Called before the clicks are counted: whoever counts them asks the board which are billable, so it is made sure first
   * that the board knows of every hold that has begun.
   * @param clicks of one shard, in the order of its click log
   * @throws when Redis cannot be used; the same clicks come again
   */
  async consume(shard: number, clicks: readonly LoggedClick[]): Promise<void> {
    await this.#deps.board.fresh();
    const byPartner = new Map<string, LoggedClick[]>();
    for (const click of clicks) {
      const own = byPartner.get(click.facts.partner_id);
      if (own === undefined) byPartner.set(click.facts.partner_id, [click]);
      else own.push(click);
    }
    await Promise.all([...byPartner].map(([partnerId, own]) => this.#count(partnerId, shard, own)));
    await this.#deps.restores.late(clicks);
  }

  async #count(partnerId: string, shard: number, clicks: readonly LoggedClick[]): Promise<void> {
    const source = `clicks:${shard}`;
    const memory = `${partnerId} ${shard}`;
    let mark = this.#marks.get(memory) ?? (await this.#deps.store.markOf(partnerId, source));
    for (;;) {
      const after = mark;
      const fresh = clicks.filter(({ position }) => isBehind(position, after));
      const last = fresh.at(-1);
      if (last === undefined) return;
      const tally = new TrafficTally();
      for (const click of fresh) tally.click(click, this.#deps.timeZoneOf(click.facts.product_id));
      const links = tally.links().filter((link) => link !== ALL_LINKS);
      // First: a link that is judged for nothing costs little, one that is never judged may cost much.
      if (links.length > 0) await this.#deps.dirty.add(partnerId, links);
      const found = await this.#deps.store.add(partnerId, tally, { source, mark, next: last.position });
      this.#remember(memory, found ?? last.position);
      if (found === undefined) return;
      mark = found;
    }
  }

  #remember(memory: string, mark: string): void {
    if (this.#marks.size >= REMEMBERED_MARKS) this.#marks.clear();
    this.#marks.set(memory, mark);
  }
}

/** Whether a place of a log is behind another; '' is before all of them. */
export function isBehind(position: string, mark: string): boolean {
  if (mark === '') return true;
  const [time = 0, sequence = 0] = position.split('-').map(Number);
  const [markTime = 0, markSequence = 0] = mark.split('-').map(Number);
  return time > markTime || (time === markTime && sequence > markSequence);
}
