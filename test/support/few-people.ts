import type { Person } from '../../src/demo/people.ts';
import type { Random } from '../../src/demo/random.ts';
import { nextPerson } from './intake.ts';

/** People that are brought at one time, and how often until others take their place. */
const SEATS = 6;
const USES = 40;
/** By their order: declined, left in review, draws by itself; the rest of ten repay on time. */
const STORIES = ['0001', '0003', '0010'];

/** A few people at a time, so that whoever brings them meets others who bring the same ones. */
export class FewPeople {
  readonly #random: Random;
  readonly #seats: { readonly person: Person; uses: number }[] = [];
  readonly #phones = new Set<string>();

  constructor(random: Random) {
    this.#random = random;
  }

  pick(): Person {
    const at = this.#random.integer(0, SEATS - 1);
    const seat = this.#seats[at];
    if (seat && seat.uses < USES) {
      seat.uses += 1;
      return seat.person;
    }
    const person = nextPerson(STORIES[this.#phones.size % 10]);
    this.#phones.add(person.phone);
    this.#seats[at] = { person, uses: 1 };
    return person;
  }

  /** Whether this phone is one of theirs, now or before. */
  has({ phone }: Person): boolean {
    return this.#phones.has(phone);
  }
}

/** Whether somebody's credit waits for the partner to draw it down, once it is granted. */
export function drawsByPartner({ phone }: Person): boolean {
  return !STORIES.some((end) => phone.endsWith(end));
}
