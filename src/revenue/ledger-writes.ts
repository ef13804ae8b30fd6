import { SLOT_KEYS, type SlotKey } from './slot.ts';

/** Commands of the append script; see append-entries.lua for what each takes. */
type Command = 'HSET' | 'HSETNX' | 'HDEL' | 'HINCRBY' | 'ZADD' | 'ZREM' | 'XADD' | 'LIST';

interface Run {
  readonly command: Command;
  readonly values: string[];
}

/** Lua passes the values of a run on its stack, which holds some 8000. */
const RUN_MAX = 1_000;

/**
 * The writes of one append beside its entries, key by key: neighbours of one kind become one command. Within a key they keep
 * their order; between keys there is none to keep, since the script writes all or nothing.
 */
export class LedgerWrites {
  readonly #runs = new Map<SlotKey, Run[]>();
  readonly #sums = new Map<SlotKey, Map<string, bigint>>();
  readonly #first = new Set<string>();

  get isEmpty(): boolean {
    return this.#runs.size === 0 && this.#sums.size === 0;
  }

  /** `HDEL` and `ZREM` take no second value; a second `HSETNX` of a field is left out: it would change nothing. */
  add(command: Exclude<Command, 'HINCRBY' | 'XADD' | 'LIST'>, key: SlotKey, a: string, b: string): void {
    if (command === 'HSETNX') {
      const place = `${key} ${a}`;
      if (this.#first.has(place)) return;
      this.#first.add(place);
    }
    const values = this.#valuesOf(command, key);
    if (command === 'HDEL' || command === 'ZREM') values.push(a);
    else values.push(a, b);
  }

  /** Sets a field of a hash. */
  set(key: SlotKey, field: string, value: string): void {
    this.#valuesOf('HSET', key).push(field, value);
  }

  /** Adds to the end of a list that a hash holds: `list` → its first item, `list|n` → how many more, `list|1` … → those. */
  list(key: SlotKey, list: string, item: string): void {
    this.#valuesOf('LIST', key).push(list, item);
  }

  /** Appends to a stream. */
  append(key: SlotKey, json: string): void {
    this.#valuesOf('XADD', key).push(json);
  }

  /** Adds to a sum; all additions to one are written as one. */
  increase(key: SlotKey, field: string, delta: bigint): void {
    const sums = this.#sums.get(key) ?? new Map<string, bigint>();
    this.#sums.set(key, sums);
    sums.set(field, (sums.get(field) ?? 0n) + delta);
  }

  /** Appends the runs to the script's arguments: command, index of the key, count of values, values. @param left key left out */
  pushTo(args: string[], left: SlotKey | null): void {
    for (const [key, sums] of this.#sums) {
      const values: string[] = [];
      for (const [field, delta] of sums) values.push(field, delta.toString());
      pushRun(args, key, { command: 'HINCRBY', values });
    }
    for (const [key, runs] of this.#runs) {
      if (key === left) continue;
      for (const run of runs) pushRun(args, key, run);
    }
  }

  #valuesOf(command: Command, key: SlotKey): string[] {
    const runs = this.#runs.get(key);
    const last = runs?.at(-1);
    if (last !== undefined && last.command === command && last.values.length < RUN_MAX) return last.values;
    const run: Run = { command, values: [] };
    if (runs === undefined) this.#runs.set(key, [run]);
    else runs.push(run);
    return run.values;
  }
}

function pushRun(args: string[], key: SlotKey, { command, values }: Run): void {
  args.push(command, String(SLOT_KEYS.indexOf(key) + 1), String(values.length));
  for (const value of values) args.push(value);
}
