import { scrambleText } from './scramble.ts';

/** Groups that are remembered, those that were asked about latest. */
const GROUPS_MAX = 4_096;
/** Members that are told apart; a group that has so many is one in any case. */
const MEMBERS_MAX = 64;
/** So many different members a group may have before the next one counts. */
export const CROWD_FLOOR = 3;

/** Notices how many different members are asked about under one group, such as phones under one name. */
export class Crowds {
  readonly #seed: number;
  /** Scrambled group → scrambled members; the group that was asked about longest ago first. */
  readonly #groups = new Map<number, Set<number>>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Notes a member. @returns whether it is new in a group that has some already */
  note(groupText: string, memberText: string): boolean {
    const group = scrambleText(this.#seed, groupText);
    const member = scrambleText(this.#seed, memberText);
    const members = this.#groups.get(group) ?? new Set();
    this.#groups.delete(group);
    this.#groups.set(group, members);
    if (this.#groups.size > GROUPS_MAX) {
      const [oldest] = this.#groups.keys();
      if (oldest !== undefined) this.#groups.delete(oldest);
    }
    if (members.has(member)) return false;
    if (members.size < MEMBERS_MAX) members.add(member);
    return members.size > CROWD_FLOOR;
  }
}
