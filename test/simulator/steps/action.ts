import type { Doing } from '../doing.ts';
import type { Random } from '../random.ts';
import type { Rooms } from '../sim-process.ts';
import type { World } from '../world.ts';

/** Something that one process is to do. It can be done again, there or elsewhere: that must change nothing. */
export interface Action {
  /** For people: what, for whom. */
  readonly label: string;
  /** The counterparty that it is about, null = all. */
  readonly partnerId: string | null;
  readonly doing: Doing;
  run(rooms: Rooms): Promise<unknown>;
  /** Looks at what a process answered that was not cut off. @throws Violation */
  done?(value: unknown): void;
}

/** Thinks of something to do in the world as it stands; null = there is nothing of the kind. */
export type Step = (world: World, random: Random) => Action | null;

export function anyPartner(world: World, random: Random): string {
  return random.pick(world.partners) ?? '';
}

/** The books of a counterparty. */
export function booksOf(world: World, partnerId: string) {
  const found = world.invariants.get(partnerId);
  if (found === undefined) throw new Error(`there is no ${partnerId}`);
  return found.books;
}
