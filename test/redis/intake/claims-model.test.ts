import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Application } from '../../../src/applications/model.ts';
import { DAY_MS, isoOf } from '../../../src/base/clock.ts';
import { ALL_SHARDS, derivedId } from '../../../src/base/ids.ts';
import { IntentRecovery } from '../../../src/intake/intent-recovery.ts';
import { submitApplication } from '../../../src/intake/submit-application.ts';
import { dyingAfter, KILLED_HERE } from '../../support/dying-caller.ts';
import { applicationFor, createTestIntake, nextPerson, type TestIntake } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

/**
 * The claim steps against a small model: three partners, two lenders, three phones and three id numbers that people share
 * in every combination, submissions that run at the same time and die between any two steps, retries, recoveries, declines
 * and locks that expire. After each round everything is brought to rest and compared with what must hold.
 */
const PARTNERS = ['acme', 'summit', 'lantern'] as const;
/** One product of each of two lenders. */
const PRODUCTS = ['quick-cash', 'wave-days'] as const;
const RUNS = 40;
const NEVER = 99;

interface Submission {
  readonly partner: number;
  readonly product: number;
  readonly phone: number;
  readonly idNumber: number;
  /** Reference 0–5: a repeated one is a retry, or a conflict when it names somebody else. */
  readonly ref: number;
  /** Steps that are let through before the caller dies. */
  readonly diesAfter: number;
}

type Round =
  | { readonly kind: 'submit'; readonly together: readonly Submission[] }
  | { readonly kind: 'decline'; readonly nth: number; readonly retryDays: number }
  | { readonly kind: 'wait'; readonly days: number };

const submission: fc.Arbitrary<Submission> = fc.record({
  partner: fc.nat({ max: PARTNERS.length - 1 }),
  product: fc.nat({ max: PRODUCTS.length - 1 }),
  phone: fc.nat({ max: 2 }),
  idNumber: fc.nat({ max: 2 }),
  ref: fc.nat({ max: 5 }),
  diesAfter: fc.oneof(fc.constant(NEVER), fc.nat({ max: 16 })),
});
const round: fc.Arbitrary<Round> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('submit' as const),
      together: fc.array(submission, { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('decline' as const),
      nth: fc.nat({ max: 9 }),
      retryDays: fc.constantFrom(0, 10, 60),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), days: fc.constantFrom(1, 31, 61) }) },
);

let redis: TestRedis;
let intake: TestIntake;

beforeAll(async () => {
  redis = await startTestRedis();
  intake = await createTestIntake(redis);
});
afterAll(() => redis.close());

describe('claims, against their model', () => {
  test('never two owners, never a lost acceptance, never a claim left behind, nobody refused in favour of nobody', async () => {
    let series = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(round, { minLength: 2, maxLength: 8 }), async (rounds) => {
        series += 1;
        const world = new World(`M${series}`);
        for (const one of rounds) {
          await world.play(one);
          await world.rest();
          await world.check();
        }
      }),
      { numRuns: RUNS },
    );
  }, 120_000);
});

class World {
  readonly #series: string;
  readonly #people = [nextPerson(), nextPerson(), nextPerson()];
  /** Applications by id, as the model believes they stand. */
  readonly #known = new Map<string, Submission>();
  readonly #accepted = new Set<string>();
  readonly #declined = new Set<string>();
  readonly #refused = new Set<string>();
  /** Open at the start of the round, or accepted in it: whom a refusal may be in favour of. */
  #favoured = new Set<string>();

  constructor(series: string) {
    this.#series = series;
  }

  async play(step: Round): Promise<void> {
    this.#favoured = new Set(await this.#open());
    if (step.kind === 'wait') intake.clock.advanceMs(step.days * DAY_MS);
    else if (step.kind === 'decline') await this.#decline(step);
    else await Promise.all(step.together.map((one) => this.#submit(one)));
  }

  /** Nobody is under way any more: the dead have been finished by the recovery. */
  async rest(): Promise<void> {
    const failures: unknown[] = [];
    await Promise.all(
      ALL_SHARDS.map(async (shard) => {
        const key = redis.keys.shard(shard, 'intents');
        for (const id of await redis.client.zrange(key, 0, -1)) await redis.client.zadd(key, 'XX', 1, id);
      }),
    );
    const recovery = new IntentRecovery(redis.client, redis.keys, intake.deps, (error) => failures.push(error));
    // An intent that waits for another one is finished by the sweep after that.
    for (let sweep = 0; sweep < 3; sweep += 1) await recovery.sweep();
    expect(failures).toEqual([]);
  }

  async check(): Promise<void> {
    const applications = await this.#load();
    for (const application of applications) {
      expect(application.status, 'nothing is left undecided').not.toBe('screening');
      if (this.#accepted.has(application.id)) {
        const now = this.#declined.has(application.id) ? 'credit_declined' : 'received';
        expect(application.status, 'an accepted application is never lost').toBe(now);
      } else if (application.status !== 'refused') {
        this.#accepted.add(application.id);
        this.#favoured.add(application.id);
      }
    }
    await this.#checkOwners(applications);
    this.#checkRefusals(applications);
  }

  async #submit(one: Submission): Promise<void> {
    const deps = one.diesAfter === NEVER ? intake.deps : dyingAfter(one.diesAfter, { deps: intake.deps, redis });
    const person = this.#people[one.phone];
    const papers = this.#people[one.idNumber];
    if (!person || !papers) throw new Error('no such person');
    const ref = `${this.#series}-${one.ref}`;
    const partner = intake.partner(PARTNERS[one.partner] ?? '');
    const input = applicationFor(
      intake.registry,
      { ...person, idNumber: papers.idNumber, name: papers.name },
      ref,
      PRODUCTS[one.product],
    );
    const id = derivedId('app', partner.id, ref);
    try {
      const result = await submitApplication(deps, { partner, origin: 'partner' }, input);
      if (result.kind === 'invalid') throw new Error(JSON.stringify(result));
      if (result.kind === 'answered' && result.application.status === 'received') {
        this.#accepted.add(id);
        this.#favoured.add(id);
      }
    } catch (error) {
      if (!(error instanceof Error) || error.message !== KILLED_HERE) throw error;
    }
    if (!this.#known.has(id)) this.#known.set(id, one);
  }

  async #decline({ nth, retryDays }: { readonly nth: number; readonly retryDays: number }): Promise<void> {
    const open = [...this.#accepted].filter((id) => !this.#declined.has(id));
    const id = open[nth % Math.max(1, open.length)];
    if (id === undefined) return;
    this.#declined.add(id);
    const nowMs = intake.clock.nowMs();
    await intake.deps.store.change(id, (application) => ({
      application: { ...application, status: 'credit_declined', retry_at: isoOf(nowMs + retryDays * DAY_MS) },
      events: [{ type: 'credit.declined', occurred_at: isoOf(nowMs), data: { reason: 'score', retry_at: null } }],
      result: null,
    }));
  }

  async #load(): Promise<Application[]> {
    const loaded = await Promise.all([...this.#known.keys()].map((id) => intake.deps.store.load(id)));
    return loaded.flatMap((one) => (one ? [one.application] : []));
  }

  /** Whoever still keeps its people from others: accepted, and not over, or locked still. */
  async #open(): Promise<string[]> {
    const nowMs = intake.clock.nowMs();
    return (await this.#load()).filter((one) => isOpen(one, nowMs)).map(({ id }) => id);
  }

  async #checkOwners(applications: readonly Application[]): Promise<void> {
    const nowMs = intake.clock.nowMs();
    const byId = new Map(applications.map((one) => [one.id, one]));
    /** By lender and token: the applications that keep it from others. */
    const keepers = new Map<string, Application[]>();
    const place = ({ lender_id }: Application, token: string): string => `${lender_id} ${token}`;
    for (const application of applications.filter((one) => isOpen(one, nowMs))) {
      for (const token of tokensOf(application)) {
        const before = keepers.get(place(application, token)) ?? [];
        keepers.set(place(application, token), [...before, application]);
      }
    }
    for (const open of keepers.values()) {
      expect(new Set(open.map(({ owner_id }) => owner_id)).size, 'never two owners at one lender').toBe(1);
      // A partner whose applicant was declined may bring them again while its lock still keeps others off.
      expect(open.filter(({ status }) => status !== 'credit_declined').length).toBeLessThanOrEqual(1);
    }
    for (const application of applications) {
      for (const { token, ownerId } of await intake.deps.claims.read(application.lender_id, tokensOf(application))) {
        const open = keepers.get(place(application, token)) ?? [];
        if (open.length > 0)
          expect(
            open.map(({ id }) => id),
            'who keeps a token holds its claim',
          ).toContain(ownerId);
        if (ownerId !== null) expect(byId.get(ownerId)?.status, 'the refused leave no claim').not.toBe('refused');
      }
    }
  }

  #checkRefusals(applications: readonly Application[]): void {
    for (const refused of applications) {
      if (refused.status !== 'refused' || this.#refused.has(refused.id)) continue;
      this.#refused.add(refused.id);
      // Product rules refuse whom they refuse, whoever else there is.
      if (refused.reason === 'ineligible') continue;
      const tokens = new Set(tokensOf(refused));
      const favoured = applications.some(
        (other) =>
          other.lender_id === refused.lender_id &&
          this.#favoured.has(other.id) &&
          tokensOf(other).some((token) => tokens.has(token)),
      );
      expect(favoured, `refused ${refused.reason} in favour of somebody`).toBe(true);
    }
  }
}

function isOpen(application: Application, nowMs: number): boolean {
  if (application.status === 'refused' || application.status === 'screening') return false;
  if (application.status !== 'credit_declined') return true;
  const until = [application.retry_at, application.lock_until].map((at) => (at === null ? 0 : Date.parse(at)));
  return Math.max(...until) > nowMs;
}

function tokensOf({ subject }: Application): string[] {
  return [...subject.claims, ...subject.pointers];
}
