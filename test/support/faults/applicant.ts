import { createPeople, type Person } from '../../../src/demo/people.ts';
import { createRandom, type Random } from '../../../src/demo/random.ts';
import type { ApplicationInput } from '../../../src/intake/application-input.ts';
import type { Registry } from '../../../src/registry/registry.ts';
import { applicationFor } from '../intake.ts';

export type FaultPartner = 'acme' | 'summit';

/** What an applicant will want, beyond a credit. Days of business time. */
export interface Wishes {
  readonly prechecks: boolean;
  /** Wants no more of it: at once, while it is decided, or once it is granted and not drawn. */
  readonly cancels: 'at_once' | 'waiting' | 'granted' | null;
  readonly bindsCard: boolean;
  readonly removesCard: boolean;
  readonly answersInput: boolean;
  readonly asksQuote: boolean;
  readonly draws: boolean;
  /** Sends the loan back so many days after its payout. */
  readonly coolsOffAfterDays: number | null;
  /** Pays of its own accord so many days after the payout. */
  readonly repays: { readonly afterDays: number; readonly what: 'all' | 'next' } | null;
  readonly drawsAgain: boolean;
}

/** An applicant as a partner knows it, with what the sandbox lender will make of it. */
export interface Applicant {
  readonly no: number;
  /** The last four digits of the phone: the story. */
  readonly story: string;
  readonly partnerId: FaultPartner;
  readonly input: ApplicationInput;
  readonly person: Person;
  readonly wishes: Wishes;
}

const STORIES = Array.from({ length: 20 }, (_, at) => String(at).padStart(4, '0'));
/** As often as they are named. */
const PRODUCTS = ['quick-cash', 'quick-cash', 'quick-cash', 'quick-flex', 'quick-flex', 'wave-days', 'river-salary'];

export interface InventSettings {
  readonly seed: string;
  readonly count: number;
  /** Loans of more months are not asked for: the business clock has to pass the end of all. */
  readonly longestMonths: number;
}

/** Invents applicants from a seed: every story as often as any other, each with wishes of its own. */
export function inventApplicants(registry: Registry, { seed, count, longestMonths }: InventSettings): Applicant[] {
  const people = createPeople(seed, new Date());
  const random = createRandom(`${seed} applicants`);
  return Array.from({ length: count }, (_, no): Applicant => {
    const story = STORIES[no % STORIES.length] ?? '0000';
    const person = people.next({ phoneSuffix: story });
    const productId = random.pick(PRODUCTS);
    return {
      no,
      story,
      person,
      partnerId: random.pick(['acme', 'summit'] as const),
      input: inputOf(registry, person, { no, productId, longestMonths }, random),
      wishes: wishesOf(random),
    };
  });
}

function inputOf(
  registry: Registry,
  person: Person,
  { no, productId, longestMonths }: { readonly no: number; readonly productId: string; readonly longestMonths: number },
  random: Random,
): ApplicationInput {
  const product = registry.products.get(productId);
  if (!product) throw new Error(`no product ${productId}`);
  const { amount, term, currency } = product;
  const terms = term.options.filter((option) => term.unit === 'day' || option <= longestMonths);
  const base = applicationFor(registry, person, `FAULT-${no}`, productId);
  const income = { monthly: { amount: 1_500_000, currency } };
  const more = product.requirements.applicant.includes('income.monthly')
    ? { employment: { status: 'employed' as const }, income }
    : {};
  return {
    ...base,
    requested: {
      ...base.requested,
      amount: { amount: amount.min + amount.step * random.integer(0, 12), currency },
      term: random.pick(terms),
    },
    applicant: { ...base.applicant, ...more },
  };
}

function wishesOf(random: Random): Wishes {
  const chance = (percent: number): boolean => random.integer(1, 100) <= percent;
  const cancels = chance(10) ? random.pick(['at_once', 'waiting', 'granted'] as const) : null;
  return {
    prechecks: chance(25),
    cancels,
    bindsCard: chance(40),
    removesCard: chance(10),
    answersInput: chance(70),
    asksQuote: chance(10),
    draws: chance(92),
    coolsOffAfterDays: chance(8) ? random.integer(0, 2) : null,
    repays: chance(25) ? { afterDays: random.integer(3, 100), what: random.pick(['all', 'next'] as const) } : null,
    drawsAgain: chance(30),
  };
}
