import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { DocumentRecords } from '../../src/applications/documents/document-records.ts';
import { LateCalls } from '../../src/applications/push/late-calls.ts';
import { QuoteStore } from '../../src/applications/quote/quote-store.ts';
import { ApplicationStore } from '../../src/applications/store.ts';
import { ClickStore } from '../../src/attribution/clicks/click-store.ts';
import { HandoffStore } from '../../src/attribution/handoffs/handoff-store.ts';
import { LinkStore } from '../../src/attribution/link-store.ts';
import { TouchStore } from '../../src/attribution/touch-store.ts';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { NO_PAUSES } from '../../src/catalogue/pause-port.ts';
import { createPeople, type Person } from '../../src/demo/people.ts';
import { HASH_FORMS } from '../../src/identity/hash-forms.ts';
import { createSealer } from '../../src/identity/seal.ts';
import { createTokenizer } from '../../src/identity/token.ts';
import type { ApplicationInput } from '../../src/intake/application-input.ts';
import type { IntakeDeps } from '../../src/intake/intake-deps.ts';
import type { Spending } from '../../src/limits/probe-budget.ts';
import { createQuotas } from '../../src/limits/quotas.ts';
import { loadRegistry } from '../../src/registry/load-registry.ts';
import type { Registry } from '../../src/registry/registry.ts';
import type { TrafficPartner } from '../../src/registry/schema/traffic-partner.ts';
import { ClaimStore } from '../../src/screening/claim-store.ts';
import { DeviceCounts } from '../../src/screening/device-counts.ts';
import { HitStore } from '../../src/screening/lists/hits/hit-store.ts';
import { ListStore } from '../../src/screening/lists/list-store.ts';
import { MaskedPeople } from '../../src/screening/masked-people.ts';
import type { TestRedis } from './redis.ts';

export const SHIPPED_PARTNERS = fileURLToPath(new URL('../../partners', import.meta.url));

/** A clock that stands still until a test moves it. */
export class TestClock implements Clock {
  #ms: number;
  constructor(iso: string) {
    this.#ms = Date.parse(iso);
  }
  nowMs(): number {
    return this.#ms;
  }
  moveTo(iso: string): void {
    this.#ms = Date.parse(iso);
  }
  advanceMs(ms: number): void {
    this.#ms += ms;
  }
}

export async function shippedRegistry(): Promise<Registry> {
  const loaded = await loadRegistry(SHIPPED_PARTNERS);
  if (!loaded.ok) throw new Error(loaded.problems.map((problem) => problem.message).join('\n'));
  return loaded.registry;
}

export interface TestIntake {
  readonly deps: IntakeDeps;
  readonly clock: TestClock;
  /** The counterparties of now. */
  readonly registry: Registry;
  /** Other counterparties from now on, as when their files have changed. */
  use(registry: Registry): void;
  partner(id: string): TrafficPartner;
}

/** The intake on a real Redis with the shipped counterparties. */
export async function createTestIntake(redis: TestRedis): Promise<TestIntake> {
  let registry = await shippedRegistry();
  const clock = new TestClock('2026-03-02T04:00:00.000Z');
  const { client, keys } = redis;
  const tokenizer = createTokenizer(randomBytes(32));
  const forms = { hashes: HASH_FORMS, phoneId: true };
  const lists = new ListStore({ client, keys, tokenizer, clock, forms });
  const deps: IntakeDeps = {
    clicks: new ClickStore(client, keys, clock),
    touches: new TouchStore(client, keys),
    handoffs: new HandoffStore(client, keys),
    registry: () => registry,
    store: new ApplicationStore(redis.client, redis.keys, clock),
    documents: new DocumentRecords(client, keys),
    claims: new ClaimStore(redis.client, redis.keys),
    quotas: createQuotas(redis.client, redis.keys),
    links: new LinkStore(client, keys),
    pauses: NO_PAUSES,
    tokenizer,
    lists,
    listHits: new HitStore({ client, keys, clock, details: lists.parts.details }),
    maskedPeople: new MaskedPeople(client, keys),
    devices: new DeviceCounts(client, keys),
    sealer: createSealer({ keys: [{ id: 'k1', key: randomBytes(32) }], activeId: 'k1' }),
    fingerprintKey: randomBytes(32),
    calls: new LateCalls(),
    quotes: new QuoteStore(client, keys),
    clock,
    realClock: systemClock,
    live: { ask: () => Promise.reject(new Error('no lender of these tests is asked live')) },
    probeWatch: { note: () => undefined },
  };
  const partner = (id: string): TrafficPartner => {
    const found = registry.traffic.get(id);
    if (!found) throw new Error(`no partner ${id}`);
    return found;
  };
  return {
    deps,
    clock,
    get registry() {
      return registry;
    },
    use(next) {
      registry = next;
    },
    partner,
  };
}

let people = createPeople('tests', new Date('2026-03-02T04:00:00.000Z'));

/** The probe of a precheck that nobody counts. */
export const PAID: Promise<Spending> = Promise.resolve({ ok: true, remaining: 1 });

/** A fresh person; `seed` starts a new, repeatable series. */
export function nextPerson(phoneSuffix?: string, seed?: string): Person {
  if (seed !== undefined) people = createPeople(seed, new Date('2026-03-02T04:00:00.000Z'));
  return people.next(phoneSuffix === undefined ? {} : { phoneSuffix });
}

/** A complete application for a product of the shipped set. */
export function applicationFor(
  registry: Registry,
  person: Pick<Person, 'name' | 'idNumber' | 'phone'>,
  partnerRef: string,
  productId = 'quick-cash',
): ApplicationInput {
  const product = registry.products.get(productId);
  if (!product) throw new Error(`no product ${productId}`);
  return {
    partner_ref: partnerRef,
    product_id: productId,
    requested: {
      amount: { amount: product.amount.min + product.amount.step * 4, currency: product.currency },
      term: product.term.options[0] ?? 3,
      term_unit: product.term.unit,
      purpose: product.eligibility.purposes[0] ?? 'consumption',
    },
    applicant: { name: person.name, id_number: person.idNumber, phone: person.phone },
    consents: product.requirements.consents.map(({ kind, document, version, text_sha256 }) => ({
      kind,
      document,
      version,
      text_sha256,
      parties: [product.lender_id, ...product.funders],
      accepted_at: '2026-03-02T03:59:00.000Z',
    })),
  };
}
