import type { DueLane } from './outbox.ts';

/** How many applications to take from a shard. */
export interface Allotment {
  readonly shard: number;
  readonly limit: number;
}

/** Which shards have something due for which lender, as far as this process knows. Pure. */
export class ReadyLanes {
  readonly #lenders = new Map<string, Map<number, number>>();

  /** Lenders with something due. */
  get lenders(): readonly string[] {
    return [...this.#lenders.keys()];
  }

  has(lenderId: string): boolean {
    return this.#lenders.has(lenderId);
  }

  /** These shards were looked at: this is all that is due there. */
  replace(shards: readonly number[], lanes: readonly DueLane[]): void {
    for (const lenderId of this.lenders) for (const shard of shards) this.remove(lenderId, shard);
    for (const lane of lanes) this.add(lane);
  }

  add({ lenderId, shard, dueMs }: DueLane): void {
    const lanes = this.#lenders.get(lenderId) ?? new Map<number, number>();
    this.#lenders.set(lenderId, lanes.set(shard, Math.min(dueMs, lanes.get(shard) ?? dueMs)));
  }

  remove(lenderId: string, shard: number): void {
    const lanes = this.#lenders.get(lenderId);
    lanes?.delete(shard);
    if (lanes?.size === 0) this.#lenders.delete(lenderId);
  }

  /** What came first is in the first shards: they are asked for one each, and for more only when all have been. */
  allot(lenderId: string, room: number): Allotment[] {
    const lanes = [...(this.#lenders.get(lenderId) ?? [])].sort(([, one], [, other]) => one - other);
    const shards = lanes.slice(0, room).map(([shard]) => shard);
    const each = shards.length === 0 ? 0 : Math.floor(room / shards.length);
    const more = room - each * shards.length;
    return shards.map((shard, index) => ({ shard, limit: each + (index < more ? 1 : 0) }));
  }
}
