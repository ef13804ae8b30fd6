import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Application } from '../../../src/applications/model.ts';
import type { Registry } from '../../../src/registry/registry.ts';
import { capOfLender, capOfPartner, capOfProduct } from '../../../src/screening/application-caps.ts';
import type { ListEntryInput } from '../../../src/screening/lists/entry-schema.ts';
import { idNumberOf } from '../../support/id-number.ts';
import { nextPerson } from '../../support/intake.ts';
import { become, cny, creditOf, DAY_ZERO, freshApplication, onDay } from '../../support/partner-applications.ts';
import { startPartnerDoor, type TestPartnerDoor } from '../../support/partner-door.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { type FileChanges, productIn, registryVariant } from '../../support/registry-variant.ts';
import { sampleLoan } from '../../support/sample-application.ts';

let redis: TestRedis;
let door: TestPartnerDoor;
const registries = new Map<string, Registry>();

const DISCLOSURES = ['coarse', 'full', 'institution'] as const;
type Disclosure = (typeof DISCLOSURES)[number];

/** Products whose files say what the shipped ones do not. */
const PRODUCTS: FileChanges = {
  'lending/quickcredit/lender.yaml': (lender) => {
    const cash = productIn(lender, 'quick-cash');
    const variant = (id: string, change: object) => lender.products.push({ ...structuredClone(cash), id, ...change });
    const rule = (change: object) => ({ eligibility: { ...cash.eligibility, ...change } });
    variant('paused-cash', { status: 'paused' });
    variant('closed-cash', { status: 'closed' });
    variant('evening-cash', { hours: ['20:00-23:00'] });
    variant('worker-cash', rule({ excluded_occupations: ['student'] }));
    variant('insured-cash', rule({ require: ['assets.social_insurance'] }));
    variant('earner-cash', rule({ min_monthly_income: 500_000 }));
    variant('single-cash', { caps: { applications_per_day: 1 } });
  },
  'lending/bluewave/lender.yaml': (lender) => {
    lender.caps = { applications_per_day: 1 };
  },
};

beforeAll(async () => {
  redis = await startTestRedis();
  door = await startPartnerDoor(redis);
  for (const disclosure of DISCLOSURES) {
    const told = (partner: { disclosure: string }) => {
      partner.disclosure = disclosure;
    };
    const limited = (partner: { limits: { applications_per_day: number }; disclosure: string }) => {
      told(partner);
      partner.limits.applications_per_day = 1;
    };
    registries.set(disclosure, await registryVariant({ ...PRODUCTS, 'traffic/acme/partner.yaml': told }));
    registries.set(
      `${disclosure} limited`,
      await registryVariant({ ...PRODUCTS, 'traffic/acme/partner.yaml': limited }),
    );
  }
});
afterAll(async () => {
  await door.close();
  await redis.close();
});

type Person = ReturnType<typeof nextPerson>;

/** What a case needs to come about, and what is then the one true reason. */
interface Case {
  readonly name: string;
  readonly product?: string;
  /** `limited`: the partner may submit one application a day. */
  readonly limited?: true;
  readonly person?: () => Person;
  readonly arrange?: (person: Person, product: string) => Promise<void>;
  readonly profile?: object;
  readonly requested?: object;
  /** Reason and detail; null = accepted as `new` or as the reason says. */
  readonly precheck: Truth | null;
  readonly application: Truth | null;
}
interface Truth {
  readonly decision?: 'accept';
  readonly reason: string;
  readonly detail?: string;
  readonly retry_at?: string;
}

let references = 0;

async function applied(partner: 'acme' | 'summit', person: Person, product: string, change: Partial<Application> = {}) {
  const { input } = freshApplication(door, product);
  const applicant = { name: person.name, id_number: person.idNumber, phone: person.phone };
  const { body } = await door[partner].post('/v1/applications', { ...input, applicant });
  expect(body.status).toBe('received');
  if (Object.keys(change).length > 0) await become(door, body.id, change);
  return body.id as string;
}

async function listed(person: Person, entry: Omit<ListEntryInput, 'subject'>): Promise<void> {
  const contributor = 'lender:quickcredit';
  const [result] = await door.intake.deps.lists.upsert([{ ...entry, subject: { phone: person.phone } }], {
    contributor,
  });
  expect(result?.result).toBe('created');
}

const customer = (status: NonNullable<ListEntryInput['status']>, retry_at?: string) => (person: Person) =>
  listed(person, {
    list: 'customer',
    scope: 'lender:quickcredit',
    reason: 'other',
    status,
    ...(retry_at ? { retry_at } : {}),
  });

const over = (id: string, change: object) => [
  sampleLoan(id, 'T', { status: 'active', disbursed_at: onDay(1), ordinal: 1, ...change }),
];
const same = (truth: Truth): Pick<Case, 'precheck' | 'application'> => ({ precheck: truth, application: truth });
/** A question names no wish; only the application does. */
const onlyApplied = (truth: Truth): Pick<Case, 'precheck' | 'application'> => ({ precheck: null, application: truth });
const midnight = '2026-03-02T16:00:00.000Z';

/** Born so many years before day zero, with an id number that says so. */
function aged(years: number): () => Person {
  return () => {
    const person = nextPerson();
    return { ...person, idNumber: idNumberOf(`110105${2026 - years}0101123`) };
  };
}

const CASES: readonly Case[] = [
  { name: 'never seen', ...same({ decision: 'accept', reason: 'new' }) },
  {
    name: 'a settled customer on the lender’s list',
    arrange: customer('settled'),
    ...same({ decision: 'accept', reason: 'returning' }),
  },
  {
    name: 'one’s own application that waits for the applicant',
    arrange: async (person, product) => {
      await applied('acme', person, product, { status: 'needs_input' });
    },
    precheck: { decision: 'accept', reason: 'own' },
    application: { reason: 'own' },
  },
  {
    name: 'one’s own application that is being decided',
    arrange: async (person, product) => {
      await applied('acme', person, product);
    },
    precheck: { reason: 'in_progress' },
    application: { reason: 'own' },
  },
  { name: 'the lender’s own applicant', arrange: customer('in_progress'), ...same({ reason: 'in_progress' }) },
  {
    name: 'another partner’s applicant',
    arrange: async (person, product) => {
      await applied('summit', person, product);
    },
    ...same({ reason: 'other_channel', retry_at: onDay(30) }),
  },
  {
    name: 'reserved by another partner',
    arrange: async ({ phone }, product_id) => {
      const { body } = await door.summit.post('/v1/prechecks', { product_id, subject: { phone }, reserve: true });
      expect(body.reserved_until).not.toBeNull();
    },
    ...same({ reason: 'other_channel', retry_at: '2026-03-02T04:10:00.000Z' }),
  },
  ...(['registered', 'has_credit', 'has_loan'] as const).map(
    (detail): Case => ({
      name: `on the lender’s list as ${detail}`,
      arrange: customer(detail),
      ...same({ reason: 'existing_customer', detail }),
    }),
  ),
  {
    name: 'a credit that can be drawn',
    arrange: async (person, product) => {
      await applied('summit', person, product, { status: 'credit_granted', credit: creditOf() });
    },
    ...same({ reason: 'existing_customer', detail: 'has_credit' }),
  },
  {
    name: 'a loan that runs',
    arrange: async (person, product) => {
      const id = await applied('acme', person, product);
      await become(door, id, { status: 'credit_granted', credit: creditOf(), loans: over(id, {}) });
    },
    ...same({ reason: 'existing_customer', detail: 'has_loan' }),
  },
  {
    name: 'declined lately',
    arrange: async (person, product) => {
      await applied('acme', person, product, { status: 'credit_declined', retry_at: onDay(12) });
    },
    ...same({ reason: 'recently_refused', retry_at: onDay(12) }),
  },
  {
    name: 'refused by the lender, as its list says',
    arrange: customer('refused', onDay(9)),
    ...same({ reason: 'recently_refused', retry_at: onDay(9) }),
  },
  {
    name: 'refused by the lender, until now',
    arrange: customer('refused', DAY_ZERO),
    ...same({ decision: 'accept', reason: 'new' }),
  },
  {
    name: 'blocked',
    arrange: (person) => listed(person, { list: 'block', scope: 'funder:harbour', reason: 'overdue' }),
    ...same({ reason: 'blocked' }),
  },
  { name: 'too young', person: aged(17), ...same({ reason: 'ineligible', detail: 'age' }) },
  { name: 'too old', person: aged(57), ...same({ reason: 'ineligible', detail: 'age' }) },
  {
    name: 'a residence that is excluded',
    profile: { residence: { region: '540102' } },
    ...same({ reason: 'ineligible', detail: 'region' }),
  },
  {
    name: 'more than is on offer',
    requested: { amount: cny(9_000_000) },
    ...onlyApplied({ reason: 'ineligible', detail: 'amount' }),
  },
  {
    name: 'a term that is not on offer',
    requested: { term: 5 },
    ...onlyApplied({ reason: 'ineligible', detail: 'term' }),
  },
  {
    name: 'a purpose that is not admitted',
    requested: { purpose: 'gambling' },
    ...onlyApplied({ reason: 'ineligible', detail: 'purpose' }),
  },
  {
    name: 'an occupation that is not admitted',
    product: 'worker-cash',
    profile: { employment: { status: 'student' } },
    ...same({ reason: 'ineligible', detail: 'occupation' }),
  },
  {
    name: 'without what the product requires',
    product: 'insured-cash',
    profile: { assets: { social_insurance: false } },
    ...same({ reason: 'ineligible', detail: 'profile' }),
  },
  {
    name: 'what the product requires is not stated',
    product: 'insured-cash',
    ...onlyApplied({ reason: 'ineligible', detail: 'profile' }),
  },
  {
    name: 'an income that is too low',
    product: 'earner-cash',
    profile: { income: { monthly: cny(499_999) } },
    ...same({ reason: 'ineligible', detail: 'profile' }),
  },
  {
    name: 'the product’s day is full',
    product: 'single-cash',
    arrange: (_person, product) => filled(capOfProduct(productOf(product)), product),
    ...same({ reason: 'capped', detail: 'product', retry_at: midnight }),
  },
  {
    name: 'the lender’s day is full',
    product: 'wave-days',
    person: aged(30),
    arrange: (_person, product) => filled(capOfLender(lenderOf('bluewave')), product),
    ...same({ reason: 'capped', detail: 'lender', retry_at: midnight }),
  },
  {
    name: 'the partner’s day is full',
    limited: true,
    arrange: (_person, product) => filled(capOfPartner(door.intake.partner('acme')), product),
    ...same({ reason: 'capped', detail: 'partner', retry_at: midnight }),
  },
  { name: 'paused', product: 'paused-cash', ...same({ reason: 'closed', detail: 'paused' }) },
  { name: 'closed for good', product: 'closed-cash', ...same({ reason: 'closed', detail: 'suspended' }) },
  {
    name: 'outside the hours',
    product: 'evening-cash',
    ...same({ reason: 'closed', detail: 'hours', retry_at: '2026-03-02T12:00:00.000Z' }),
  },
];

function productOf(id: string) {
  const product = door.intake.registry.products.get(id);
  if (!product) throw new Error(`no product ${id}`);
  return product;
}

function lenderOf(id: string) {
  const lender = door.intake.registry.lenders.get(id);
  if (!lender) throw new Error(`no lender ${id}`);
  return lender;
}

/** Takes the last place of a day, if it is still free. */
async function filled(cap: ReturnType<typeof capOfProduct>, product: string): Promise<void> {
  if (cap === undefined) throw new Error('no cap');
  const { places } = door.intake.deps.quotas;
  await places.take(`app_${product}`, [cap], door.intake.clock.nowMs());
}

/** What a partner of this disclosure reads of the truth; an acceptance says more than a refusal only above `coarse`. */
function told({ decision, reason, detail, retry_at }: Truth, disclosure: Disclosure) {
  const when = retry_at ?? null;
  if (disclosure === 'coarse') return { reason: null, detail: null, retry_at: when };
  const isHidden = disclosure === 'full' && reason === 'blocked';
  if (isHidden) return { reason: 'ineligible', detail: null, retry_at: when };
  return { reason, detail: decision === undefined ? (detail ?? null) : null, retry_at: when };
}

describe.each(DISCLOSURES)('every reason and detail, told to a partner of disclosure %s', (disclosure) => {
  beforeEach(() => door.intake.clock.moveTo(DAY_ZERO));
  afterEach(() => {
    const shipped = registries.get(disclosure);
    if (shipped) door.intake.use(shipped);
  });

  test.each(CASES)('$name', async (one) => {
    const { product = 'quick-cash', arrange, profile, precheck, application } = one;
    const registry = registries.get(one.limited ? `${disclosure} limited` : disclosure);
    if (!registry) throw new Error('no counterparties');
    door.intake.use(registry);
    const person = one.person?.() ?? nextPerson();
    await arrange?.(person, product);
    const subject = { phone: person.phone, id_number: person.idNumber };
    const asked = await door.acme.post('/v1/prechecks', {
      product_id: product,
      subject,
      ...(profile ? { profile } : {}),
    });
    expect(asked.status).toBe(200);
    const accepted = { decision: 'accept', reason: 'new' } as const;
    const answer = precheck ?? accepted;
    expect(asked.body).toMatchObject({ decision: answer.decision ?? 'refuse', ...told(answer, disclosure) });

    references += 1;
    const { input } = freshApplication(door, product);
    const { body } = await door.acme.post('/v1/applications', {
      ...input,
      partner_ref: `TABLE-${references}`,
      applicant: { name: person.name, id_number: person.idNumber, phone: person.phone, ...profile },
      requested: { ...input.requested, ...one.requested },
    });
    const truth = application ?? accepted;
    if (truth.decision === 'accept') {
      expect(body).toMatchObject({ status: 'received', customer: truth.reason });
    } else {
      expect(body).toMatchObject({ status: 'refused', ...told(truth, disclosure) });
      const stored = await door.intake.deps.store.load(body.id);
      expect(stored?.application).toMatchObject({ reason: truth.reason, detail: truth.detail ?? null });
    }
  });

  test('the table reaches every reason and every detail of the contract', () => {
    const reached = new Set(
      CASES.flatMap(({ precheck, application }) =>
        [precheck, application].flatMap((one) => (one ? [`${one.reason}/${one.detail ?? ''}`] : [])),
      ),
    );
    for (const reason of ['new', 'returning', 'own', 'in_progress', 'other_channel', 'recently_refused', 'blocked']) {
      expect(reached).toContain(`${reason}/`);
    }
    const detailed = {
      existing_customer: ['registered', 'has_credit', 'has_loan'],
      ineligible: ['age', 'region', 'amount', 'term', 'purpose', 'occupation', 'profile'],
      capped: ['partner', 'product', 'lender'],
      closed: ['paused', 'hours', 'suspended'],
    };
    for (const [reason, details] of Object.entries(detailed)) {
      for (const detail of details) expect(reached).toContain(`${reason}/${detail}`);
    }
  });
});
