import { LRUCache } from 'lru-cache';
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
  /** Scrambled group → scrambled members. */
  readonly #groups = new LRUCache<number, Set<number>>({ max: GROUPS_MAX });

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Notes a member. @returns whether it is new in a group that has some already */
  note(groupText: string, memberText: string): boolean {
    const group = scrambleText(this.#seed, groupText);
    const member = scrambleText(this.#seed, memberText);
    const members = this.#groups.get(group);
    if (members === undefined) {
      this.#groups.set(group, new Set([member]));
      return false;
    }
    if (members.has(member)) return false;
    if (members.size < MEMBERS_MAX) members.add(member);
    return members.size > CROWD_FLOOR;
  }
}
