import { isPerson, isUnique, type LoggedClick } from '../clicks/click.ts';
import { localHour } from './local-hour.ts';
import { SLOTS } from './traffic-day.ts';

/** The name under which all links of a partner are counted together; no link can have it. */
export const ALL_LINKS = '~';

/** What is to be added for one partner: numbers by link, day and slot, and whom the unique clicks are of. */
export class TrafficTally {
  readonly #rings = new Map<string, Map<number, Map<number, number>>>();
  readonly #visitors = new Map<string, Map<string, number>>();
  readonly #addresses = new Map<string, Map<string, number>>();

  /**
   * Counts one arrival: of a person, and where the link leads. Others are never billable, and say nothing of its traffic.
   * @returns whether it was counted
   */
  click(click: LoggedClick, zone: string): boolean {
    const { facts } = click;
    if (!isPerson(facts) || facts.cause !== null) return false;
    const { day, hour } = localHour(facts.at_ms, zone);
    for (const link of [facts.link_code, ALL_LINKS]) {
      this.add(link, day, SLOTS.raw);
      if (!isUnique(click)) continue;
      this.add(link, day, SLOTS.unique + hour);
      if (facts.dc) this.add(link, day, SLOTS.dataCentre);
    }
    if (isUnique(click)) {
      const place = `${facts.link_code}:${day}`;
      bump(mapAt(this.#visitors, place), shortened(facts.visitor));
      bump(mapAt(this.#addresses, place), shortened(facts.ip));
    }
    return true;
  }

  add(link: string, day: number, slot: number): void {
    bump(mapAt(mapAt(this.#rings, link), day), slot);
  }

  /** Links that anything is added to. */
  links(): string[] {
    return [...this.#rings.keys()];
  }

  get rings(): ReadonlyMap<string, ReadonlyMap<number, ReadonlyMap<number, number>>> {
    return this.#rings;
  }

  /** By `<link>:<day>`. */
  get visitors(): ReadonlyMap<string, ReadonlyMap<string, number>> {
    return this.#visitors;
  }

  /** By `<link>:<day>`. */
  get addresses(): ReadonlyMap<string, ReadonlyMap<string, number>> {
    return this.#addresses;
  }
}

/** Enough to tell the busiest apart. */
const ID_DIGITS = 12;

function shortened(hash: string): string {
  return hash.slice(0, ID_DIGITS);
}

function mapAt<Key, Inner, Value>(map: Map<Key, Map<Inner, Value>>, key: Key): Map<Inner, Value> {
  let inner = map.get(key);
  if (inner === undefined) {
    inner = new Map();
    map.set(key, inner);
  }
  return inner;
}

function bump<Key>(map: Map<Key, number>, key: Key): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}
