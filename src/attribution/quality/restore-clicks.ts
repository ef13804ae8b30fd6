import { type Clock, isoOf, MINUTE_MS } from '../../base/clock.ts';
import { ALL_SHARDS, shardOfId } from '../../base/ids.ts';
import { mapBounded } from '../../base/map-bounded.ts';
import type { NewEvent } from '../../events/event.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { defineScript } from '../../redis/script.ts';
import type { ClickFacts, LoggedClick } from '../clicks/click.ts';
import { readClicks } from '../clicks/click-log.ts';
import type { BillingBoard } from './billing-board.ts';
import { type Hold, restoringHold } from './hold.ts';

export interface RestoreClicksDeps {
  readonly client: RedisClient;
  readonly keys: Keyspace;
  /** Business time. */
  readonly clock: Clock;
  readonly board: Pick<BillingBoard, 'holdsOf' | 'read'>;
  /** How long clicks are kept. */
  readonly lifetimeMs: number;
  readonly caps: ClickCaps;
}

/** The link's own cap goes before: what is over it would not have been billable either. */
export interface ClickCaps {
  /** Business day of a click, `YYYY-MM-DD`. */
  dayOf(productId: string, atMs: number): string;
  /** Billable clicks that a link may still have on a day; `Infinity` without a cap. */
  roomOf(partnerId: string, linkCode: string, day: string): Promise<number>;
}

const script = defineScript<'click' | 'log', boolean>({
  file: new URL('./restore-click.lua', import.meta.url),
  keys: ['click', 'log'],
  reply: (raw) => raw === 1,
});

const PAGE = 500;
const AT_ONCE = 16;
/** Clocks of the machines that record clicks and of the one that lays holds differ by less. */
const SKEW_MS = MINUTE_MS;

/**
 * Makes clicks billable that were held: those of a hold that an operator has lifted. Whether a click was held follows from
 * its time alone, so the click log says which ones; a mark beside each lets it be made billable once, however often the log
 * is gone through. Each is an event `click.recorded`, as if it had never been held: whoever is paid for clicks is paid for it.
 */
export class RestoreClicks {
  readonly #deps: RestoreClicksDeps;

  constructor(deps: RestoreClicksDeps) {
    this.#deps = deps;
  }

  /** Goes through the click logs for all clicks of a lifted hold. @returns how many became billable now */
  async all(hold: Hold): Promise<number> {
    await this.#deps.board.read();
    const room = new Room(this.#deps.caps);
    let count = 0;
    for (const shard of ALL_SHARDS) count += await this.#ofShard(shard, hold, room);
    return count;
  }

  /** Clicks that were counted after their hold was lifted, such as those that were kept on disk meanwhile. */
  async late(clicks: readonly LoggedClick[]): Promise<void> {
    for (const click of clicks) {
      const hold = this.#holdOf(click);
      if (hold !== undefined) await this.#restore(hold, click, new Room(this.#deps.caps));
    }
  }

  async #ofShard(shard: number, hold: Hold, room: Room): Promise<number> {
    const { client, keys } = this.#deps;
    let after = `${Math.max(0, hold.restore_recorded_from_ms - SKEW_MS)}-0`;
    let count = 0;
    for (;;) {
      const page = await readClicks(client, keys, shard, after, PAGE);
      const last = page.at(-1);
      if (last === undefined) return count;
      const held = page.filter(({ facts }) => facts.link_code === hold.link_code);
      const made = await mapBounded(held, AT_ONCE, async (click) => {
        const found = this.#holdOf(click);
        return found !== undefined && this.#restore(found, click, room);
      });
      count += made.filter(Boolean).length;
      after = last.position;
    }
  }

  #holdOf(click: LoggedClick): Hold | undefined {
    const { partner_id, link_code } = click.facts;
    const holds = this.#deps.board.holdsOf(partner_id, link_code);
    return holds.length === 0 ? undefined : restoringHold(holds, click);
  }

  async #restore(hold: Hold, { id, facts }: LoggedClick, room: Room): Promise<boolean> {
    const { client, keys, clock, lifetimeMs } = this.#deps;
    const shard = shardOfId(id);
    if (!(await room.take(facts))) return false;
    const { link_code, partner_id, product_id, lender_id, visitor } = facts;
    const event: NewEvent = {
      type: 'click.recorded',
      subject: id,
      occurred_at: isoOf(facts.at_ms),
      recorded_at: isoOf(clock.nowMs()),
      data: {
        link_code,
        partner_id,
        product_id,
        lender_id,
        visitor,
        billable: true,
        restored: hold.id,
      },
      context: null,
    };
    const names = { click: keys.shard(shard, 'clk', id), log: keys.shard(shard, 'log') };
    const args = [hold.id, JSON.stringify(event), keys.wakeChannel, shard, lifetimeMs];
    const isNew = await script.run(client, names, args);
    if (!isNew) room.giveBack(facts);
    return isNew;
  }
}

/** What is left of the caps of days while clicks become billable again. */
class Room {
  readonly #caps: ClickCaps;
  readonly #left = new Map<string, Promise<{ count: number }>>();

  constructor(caps: ClickCaps) {
    this.#caps = caps;
  }

  async take(facts: ClickFacts): Promise<boolean> {
    const left = await this.#leftFor(facts);
    if (left.count <= 0) return false;
    left.count -= 1;
    return true;
  }

  giveBack(facts: ClickFacts): void {
    void this.#leftFor(facts).then((left) => {
      left.count += 1;
    });
  }

  #leftFor({ partner_id, link_code, product_id, at_ms }: ClickFacts): Promise<{ count: number }> {
    const day = this.#caps.dayOf(product_id, at_ms);
    const name = `${link_code} ${day}`;
    let left = this.#left.get(name);
    if (left === undefined) {
      left = this.#caps.roomOf(partner_id, link_code, day).then((count) => ({ count }));
      this.#left.set(name, left);
    }
    return left;
  }
}
