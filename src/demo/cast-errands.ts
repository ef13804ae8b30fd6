import { ageAt } from '../identity/age.ts';
import type { RegisteredLink, RegisteredProduct, Registry } from '../registry/registry.ts';
import { canBeAskedOf } from './applicant-fields.ts';
import { DemoFault } from './demo-fault.ts';

import { createPeople, type People, type Person } from './people.ts';
import { createRandom, type Random } from './random.ts';

/** The partners of the demo, in `partners/traffic`: two platforms and one who only shares links. */
export const PLATFORMS = ['acme', 'summit'] as const;
export const REFERRER = 'lantern';
export type PlatformId = (typeof PLATFORMS)[number];
export const PARTNERS = [...PLATFORMS, REFERRER] as const;
export type PartnerId = (typeof PARTNERS)[number];

/** What somebody wants. */
export interface Wish {
  readonly person: Person;
  readonly product: RegisteredProduct;
  /** Minor units. */
  readonly amount: number;
  readonly term: number;
  readonly purpose: string;
  /** GB/T 2260, where the applicant says to live elsewhere than the id number says. */
  readonly livesIn?: string;
}

/** One application, or two of them racing for the same person. */
export type Errand =
  | {
      readonly kind: 'platform';
      readonly partnerId: PlatformId;
      readonly ref: string;
      readonly wish: Wish;
      readonly precheckFirst: boolean;
    }
  | { readonly kind: 'rivals'; readonly ref: string; readonly wish: Wish }
  | { readonly kind: 'link'; readonly code: string; readonly wish: Wish };

/** Of twenty applications: eight by Acme, seven by Summit, five by link; one of each platform's is of the same person. */
const CHANNELS = 'aslaslarsalsaslasal';
const PRECHECK_EVERY = 3;
/** One in seventeen asks a platform for what the product's rules refuse. */
const INELIGIBLE_EVERY = 17;
const INELIGIBLE_FIRST = 4;
/** The last four digits of the phone say what the sandbox lender does; empty = any others, who repay on time. */
const SUFFIXES = ['0000', '', '0001', '', '0007', '0002', '', '0005', '', '0010', '0006', '', '0003', '', '0004', ''];
const ELDERS_YEARS = 45;
const YEAR_MS = 365.2425 * 86_400_000;
const PEOPLE_TRIED = 200;

interface Casting {
  readonly random: Random;
  readonly people: People;
  /** Too old for any product. */
  readonly elders: People;
  readonly products: readonly RegisteredProduct[];
  readonly links: readonly RegisteredLink[];
  readonly registry: Registry;
  readonly nowMs: number;
}

/**
 * Who applies, where, for what: the same seed and month give the same people. Rivals count as two applications.
 * @throws DemoFault when the counterparty files lack what the demo plays
 */
export function castErrands(registry: Registry, options: { seed: string; count: number; nowMs: number }): Errand[] {
  const { seed, count, nowMs } = options;
  const missing = PARTNERS.filter((id) => !registry.traffic.has(id));
  if (missing.length > 0)
    throw new DemoFault(`the demo plays partners that are not in the files: ${missing.join(', ')}`);
  const casting: Casting = {
    random: createRandom(`${seed}/errands`),
    people: createPeople(seed, new Date(nowMs)),
    elders: createPeople(`${seed}/elders`, new Date(nowMs - ELDERS_YEARS * YEAR_MS)),
    products: [...registry.products.values()].filter((product) => product.status === 'open' && canBeAskedOf(product)),
    links: [...registry.links.values()].filter(({ partner }) => partner.id === REFERRER),
    registry,
    nowMs,
  };
  const errands: Errand[] = [];
  for (let applications = 0, index = 0; applications < count; index += 1) {
    const left = count - applications;
    const errand = castOne(casting, index, left);
    errands.push(errand);
    applications += errand.kind === 'rivals' ? 2 : 1;
  }
  return errands;
}

function castOne(casting: Casting, index: number, left: number): Errand {
  const channel = CHANNELS[index % CHANNELS.length];
  const suffix = SUFFIXES[index % SUFFIXES.length] ?? '';
  const isIneligible = index % INELIGIBLE_EVERY === INELIGIBLE_FIRST;
  const ref = String(index + 1).padStart(4, '0');
  if (channel === 'l') {
    const { link } = pickOf(casting.links, index);
    const product = casting.registry.products.get(link.product);
    if (product === undefined) throw new DemoFault(`link ${link.code} sells no product`);
    return { kind: 'link', code: link.code, wish: wishFor(casting, product, suffix) };
  }
  const product = pickOf(casting.products, index);
  if (channel === 'r' && left >= 2) return { kind: 'rivals', ref, wish: wishFor(casting, product, suffix) };
  const wish = isIneligible ? ineligibleWish(casting, product, index) : wishFor(casting, product, suffix);
  const partnerId = channel === 's' ? 'summit' : 'acme';
  return { kind: 'platform', partnerId, ref, wish, precheckFirst: index % PRECHECK_EVERY === 0 };
}

function wishFor(casting: Casting, product: RegisteredProduct, suffix: string): Wish {
  const { random } = casting;
  const { min, max, step } = product.amount;
  // The lower half of the range: most people do not ask for all they might get.
  const steps = Math.floor((max - min) / step / 2);
  return {
    person: personFor(casting, product, suffix),
    product,
    amount: min + step * random.integer(0, steps),
    term: random.pick(product.term.options),
    purpose: random.pick(product.eligibility.purposes.length > 0 ? product.eligibility.purposes : ['consumption']),
  };
}

/** Too old, from an excluded region, or too much. */
function ineligibleWish(casting: Casting, product: RegisteredProduct, index: number): Wish {
  const wish = wishFor(casting, product, '');
  const [region] = product.eligibility.excluded_regions;
  const kind = Math.floor(index / INELIGIBLE_EVERY) % 3;
  if (kind === 0) return { ...wish, amount: product.amount.max + product.amount.step };
  if (kind === 1 && region !== undefined) return { ...wish, livesIn: region.padEnd(6, '0') };
  return { ...wish, person: casting.elders.next() };
}

function personFor(
  { people, nowMs }: Casting,
  { eligibility, timezone, id }: RegisteredProduct,
  suffix: string,
): Person {
  const [youngest, oldest] = eligibility.age;
  for (let tried = 0; tried < PEOPLE_TRIED; tried += 1) {
    const person = people.next(suffix === '' ? {} : { phoneSuffix: suffix });
    const age = ageAt(person.birthDate, nowMs, timezone);
    if (age >= youngest && age <= oldest) return person;
  }
  throw new DemoFault(`nobody of the demo has the age that ${id} asks for`);
}

function pickOf<T>(items: readonly T[], index: number): T {
  const item = items[index % items.length];
  if (item === undefined)
    throw new DemoFault('the counterparty files have no product, or no link, that the demo can use');
  return item;
}
