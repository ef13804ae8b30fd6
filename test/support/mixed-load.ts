import { setTimeout as delay } from 'node:timers/promises';
import type { Person } from '../../src/demo/people.ts';
import { createRandom, type Random } from '../../src/demo/random.ts';
import type { Subject } from '../../src/identity/subject.ts';
import type { ApplicationInput } from '../../src/intake/application-input.ts';
import type { Registry } from '../../src/registry/registry.ts';
import { drawsByPartner, FewPeople } from './few-people.ts';
import { applicationFor } from './intake.ts';
import { MIXED_PARTNERS, MIXED_PRODUCTS, type MixedPartner } from './mixed-partners.ts';
import type { Answer } from './partner-door.ts';
import type { PatientClient } from './patient-client.ts';
import { md5Of, phoneIdOf, plainOf } from './subject-forms.ts';

const AT_ONCE = 10;
const PAUSE_MAX_MS = 25;
const LOANS_MAX = 20;
const IMPATIENT_PERCENT = 30;

export interface Submission {
  readonly partnerId: MixedPartner;
  readonly input: ApplicationInput;
  readonly person: Person;
  /** false = its partner gives up at the first failure: whatever was begun is finished without it. */
  readonly isPatient: boolean;
}

/** A submission that was answered 201. */
export interface AnsweredSubmission extends Submission {
  readonly id: string;
  readonly isRefused: boolean;
}

/** A reservation that was answered. */
export interface AnsweredReservation {
  readonly precheckId: string;
  readonly partnerId: MixedPartner;
  readonly productId: string;
  readonly lenderId: string;
  readonly subject: Subject;
  readonly person: Person;
  /** Business time, RFC 3339. */
  readonly until: string;
  /** Real time of the question and of its answer. */
  readonly askedMs: number;
  readonly answeredMs: number;
  /** Real time of the first request that may end it, and of the answer to the one that has. */
  endsMs: number;
  endedMs: number;
}

type Operation = (load: MixedLoad, partnerId: MixedPartner) => Promise<void>;

/** Prechecks of every kind and submissions by three partners, over few people at a time, until it is stopped. */
export class MixedLoad {
  readonly answered: AnsweredSubmission[] = [];
  readonly reservations: AnsweredReservation[] = [];
  /** Ids of loans that were answered 201. */
  readonly loans: string[] = [];
  /** Two answers to one reference that do not agree. */
  readonly contradictions: string[] = [];
  prechecks = 0;
  readonly #client: PatientClient;
  readonly #registry: Registry;
  readonly #random: Random;
  readonly #people: FewPeople;
  readonly #drawn = new Set<string>();
  #refs = 0;
  #stopping = false;
  #workers: Promise<unknown> = Promise.resolve();

  constructor(client: PatientClient, registry: Registry, seed: string) {
    this.#client = client;
    this.#registry = registry;
    this.#random = createRandom(seed);
    this.#people = new FewPeople(this.#random);
  }

  start(): void {
    this.#workers = Promise.all(Array.from({ length: AT_ONCE }, () => this.#work()));
    // Told by stop(); nobody looks before.
    this.#workers.catch(() => undefined);
  }

  /** Ends when every request under way has been answered. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#workers;
  }

  /** Applies for somebody and keeps the answer. @returns undefined when it was none that may be given */
  async submit(submission: Submission): Promise<AnsweredSubmission | undefined> {
    const { partnerId, input, isPatient } = submission;
    const cited = this.reservations.find(({ precheckId }) => precheckId === input.precheck_id);
    if (cited) this.#end(cited);
    const answer = await this.#client.ask(partnerId, 'POST', '/v1/applications', {
      body: input,
      expected: 201,
      isPatient,
    });
    if (answer === undefined) return undefined;
    if (cited) cited.endedMs = Math.min(cited.endedMs, Date.now());
    const one = { ...submission, id: answer.body.id, isRefused: answer.body.status === 'refused' };
    this.answered.push(one);
    return one;
  }

  /** Business time is about to pass the end of all reservations. */
  endReservations(): void {
    for (const one of this.reservations) one.endsMs = Math.min(one.endsMs, Date.now());
  }

  /** Reserves somebody at the lender of a product. */
  async reserve(
    partnerId: MixedPartner,
    person: Person,
    productId: string,
    subject: Subject,
  ): Promise<AnsweredReservation | undefined> {
    const askedMs = Date.now();
    const answer = await this.#precheck(partnerId, '', { product_id: productId, subject, reserve: true });
    if (!answer?.body.reserved_until) return undefined;
    const { id: precheckId, reserved_until: until } = answer.body;
    const never = Number.POSITIVE_INFINITY;
    const lenderId = this.#registry.products.get(productId)?.lender_id ?? '';
    const times = { until, askedMs, answeredMs: Date.now(), endsMs: never, endedMs: never };
    const reservation = { precheckId, partnerId, productId, lenderId, subject, person, ...times };
    this.reservations.push(reservation);
    return reservation;
  }

  /** A submission with a reference of its own. */
  submission(
    partnerId: MixedPartner,
    person: Person,
    productId: string,
    more: Partial<ApplicationInput> = {},
  ): Submission {
    this.#refs += 1;
    return {
      partnerId,
      person,
      isPatient: true,
      input: { ...applicationFor(this.#registry, person, `MIX-${this.#refs}`, productId), ...more },
    };
  }

  async #work(): Promise<void> {
    while (!this.#stopping) {
      const operation = this.#random.pick(OPERATIONS);
      await operation(this, this.#random.pick(MIXED_PARTNERS));
      await delay(this.#random.integer(0, PAUSE_MAX_MS));
    }
  }

  /** One that is renewed before its end is one with its renewal. */
  #end({ partnerId, productId, person }: AnsweredReservation): void {
    for (const one of this.reservations) {
      if (one.partnerId !== partnerId || one.productId !== productId || one.person.phone !== person.phone) continue;
      one.endsMs = Math.min(one.endsMs, Date.now());
    }
  }

  #chance(percent: number): boolean {
    return this.#random.integer(1, 100) <= percent;
  }

  async #precheck(partnerId: MixedPartner, path: '' | '/batch', body: object): Promise<Answer | undefined> {
    const answer = await this.#client.ask(partnerId, 'POST', `/v1/prechecks${path}`, { body, expected: 200 });
    if (answer !== undefined) this.prechecks += 1;
    return answer;
  }

  /** One question about one or both products, in one of the forms. */
  static readonly asks: Operation = async (load, partnerId) => {
    const subject = load.#random.pick([plainOf, md5Of, phoneIdOf])(load.#people.pick());
    const about = load.#chance(40)
      ? { product_ids: MIXED_PRODUCTS }
      : { product_id: load.#random.pick(MIXED_PRODUCTS) };
    await load.#precheck(partnerId, '', { ...about, subject });
  };

  static readonly asksMany: Operation = async (load, partnerId) => {
    const items = Array.from({ length: load.#random.integer(2, 12) }, () => ({
      product_id: load.#random.pick(MIXED_PRODUCTS),
      subject: load.#random.pick([plainOf, md5Of])(load.#people.pick()),
    }));
    await load.#precheck(partnerId, '/batch', { items });
  };

  static readonly reserves: Operation = async (load, partnerId) => {
    const person = load.#people.pick();
    const subject = load.#random.pick([plainOf, plainOf, md5Of])(person);
    await load.reserve(partnerId, person, load.#random.pick(MIXED_PRODUCTS), subject);
  };

  /** Gives the latest reservation back that nothing has ended yet. */
  static readonly releases: Operation = async (load, partnerId) => {
    const open = load.reservations.findLast(
      ({ partnerId: of, endsMs, person }) =>
        of === partnerId && endsMs === Number.POSITIVE_INFINITY && load.#people.has(person),
    );
    if (open === undefined) return;
    load.#end(open);
    await load.#client.ask(partnerId, 'DELETE', `/v1/prechecks/${open.precheckId}`, { expected: 204 });
    open.endedMs = Date.now();
  };

  /** Some cite a reservation, some borrow another one's papers, some are sent twice at the same time. */
  static readonly submits: Operation = async (load, partnerId) => {
    const phone = load.#people.pick();
    const { idNumber, name } = load.#chance(20) ? load.#people.pick() : phone;
    const person = { ...phone, idNumber, name };
    const productId = load.#random.pick(MIXED_PRODUCTS);
    const reserved = load.reservations.findLast(
      (one) => one.partnerId === partnerId && one.productId === productId && one.person.phone === person.phone,
    );
    const cited = reserved && load.#chance(70) ? { precheck_id: reserved.precheckId } : {};
    const isPatient = !load.#chance(IMPATIENT_PERCENT);
    const submission = { ...load.submission(partnerId, person, productId, cited), isPatient };
    const copies = load.#chance(10) ? 2 : 1;
    const [one, other] = await Promise.all(Array.from({ length: copies }, () => load.submit(submission)));
    if (one && other) load.#compare(one, other);
  };

  /** What was answered before is asked again. */
  static readonly submitsAgain: Operation = async (load) => {
    if (load.answered.length === 0) return;
    const before = load.#random.pick(load.answered.slice(-200));
    const again = await load.submit({ ...before, isPatient: true });
    if (again) load.#compare(before, again);
  };

  static readonly drawsDown: Operation = async (load) => {
    const accepted = load.answered.filter(
      ({ id, isRefused, person }) => !isRefused && !load.#drawn.has(id) && drawsByPartner(person),
    );
    if (accepted.length === 0 || load.#drawn.size >= LOANS_MAX) return;
    const { id, partnerId, input } = load.#random.pick(accepted);
    load.#drawn.add(id);
    const found = await load.#client.ask(partnerId, 'GET', `/v1/applications/${id}`, { expected: 200 });
    if (found?.body.status !== 'credit_granted') {
      load.#drawn.delete(id);
      return;
    }
    const { amount, term, term_unit, purpose } = input.requested;
    const body = { partner_ref: `DRAW-${id}`, amount, term, term_unit, purpose };
    const answer = await load.#client.ask(partnerId, 'POST', `/v1/applications/${id}/loans`, { body, expected: 201 });
    if (answer) load.loans.push(answer.body.id);
  };

  #compare(one: AnsweredSubmission, other: AnsweredSubmission): void {
    if (one.id === other.id && one.isRefused === other.isRefused) return;
    this.contradictions.push(
      `${one.partnerId} ${one.input.partner_ref}: ${JSON.stringify([one, other].map(({ id, isRefused }) => [id, isRefused]))}`,
    );
  }
}

/** As often as they are named. */
const OPERATIONS: readonly Operation[] = [
  ...Array<Operation>(4).fill(MixedLoad.asks),
  ...Array<Operation>(2).fill(MixedLoad.asksMany),
  ...Array<Operation>(2).fill(MixedLoad.reserves),
  MixedLoad.releases,
  ...Array<Operation>(9).fill(MixedLoad.submits),
  ...Array<Operation>(2).fill(MixedLoad.submitsAgain),
  MixedLoad.drawsDown,
];
