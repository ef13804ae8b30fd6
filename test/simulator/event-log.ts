import { DAY_MS, HOUR_MS, isoOf } from '../../src/base/clock.ts';
import { derivedId } from '../../src/base/ids.ts';
import { type EventType, eventId, type LogEvent } from '../../src/events/event.ts';
import { CURRENCY } from './plain-terms.ts';
import type { Random } from './random.ts';

export interface SimLoan {
  readonly id: string;
  readonly principal: number;
}

/** An event of the log, with what of it the model looks at. */
export interface SimEvent {
  readonly partnerId: string;
  readonly application: string;
  readonly applicant: string;
  readonly acceptedAtMs: number;
  readonly type: EventType;
  readonly occurredAtMs: number;
  readonly recordedAtMs: number;
  readonly loan: SimLoan | null;
  readonly payment: { readonly ref: string; readonly interest: number } | null;
  readonly log: LogEvent;
  /** A process has said that it is applied. */
  isAcknowledged: boolean;
}

interface Story {
  readonly partnerId: string;
  readonly id: string;
  readonly applicant: string;
  readonly acceptedAtMs: number;
  readonly events: SimEvent[];
  lastAtMs: number;
  readonly loans: SimLoan[];
  readonly ended: Set<string>;
  readonly payments: { readonly ref: string; readonly loan: SimLoan; isReversed: boolean }[];
}

/** First day on which anything happens: contracts begin before. */
const EARLIEST_MS = Date.parse('2026-01-03T00:00:00.000Z');
const LATE_DAYS = 35;
const TOLD_HOURS = 72;

/** What happens to applicants, as it would stand in the shards of the log: of each application in order. */
export class EventLog {
  readonly events: SimEvent[] = [];
  readonly #stories: Story[] = [];
  readonly #world: string;

  /** @param world what tells its ids from those of other worlds */
  constructor(world: string) {
    this.#world = world;
  }

  /** Something happens to an applicant of a partner, new or known; recorded now, and perhaps long ago. */
  happen(random: Random, partnerId: string, nowMs: number): void {
    const own = this.#stories.filter((story) => story.partnerId === partnerId);
    const known = random.chance(0.3) ? undefined : random.pick(own.slice(-25));
    const story = known ?? this.#begin(random, partnerId, nowMs);
    const lateMs = random.chance(0.35) ? random.between(0, LATE_DAYS * 24) * HOUR_MS : random.between(0, 3) * HOUR_MS;
    const at = Math.min(nowMs, Math.max(story.lastAtMs + 1, nowMs - lateMs));
    story.lastAtMs = at;
    // The lender tells us at once, or a while after.
    const recordedMs = random.chance(0.4) ? nowMs : Math.min(nowMs, at + random.between(0, TOLD_HOURS) * HOUR_MS);
    this.#next(random, story, at, recordedMs);
  }

  /** A campaign: many new applicants are granted their credit within the hour. @returns what happened */
  burst(random: Random, partnerId: string, count: number, nowMs: number): SimEvent[] {
    return Array.from({ length: count }, () => {
      const story = this.#begin(random, partnerId, nowMs);
      const at = Math.max(story.acceptedAtMs, nowMs - random.between(0, HOUR_MS));
      story.lastAtMs = at;
      this.#next(random, story, at, nowMs);
      return story.events;
    }).flat();
  }

  /** Of each application the first that nobody has acknowledged: what its shard's reader comes to next. */
  waiting(partnerId: string): SimEvent[] {
    return this.#stories
      .filter((story) => story.partnerId === partnerId)
      .flatMap(({ events }) => events.find(({ isAcknowledged }) => !isAcknowledged) ?? []);
  }

  /** Payments of loans whose disbursal is not applied yet. */
  early(partnerId: string): SimEvent[] {
    return this.events.filter((event) => {
      if (event.partnerId !== partnerId || event.isAcknowledged || event.type !== 'installment.paid') return false;
      return this.isTooEarly(event);
    });
  }

  isTooEarly({ loan, type }: SimEvent): boolean {
    if (type !== 'installment.paid') return false;
    const disbursal = this.events.find((one) => one.type === 'loan.disbursed' && one.loan?.id === loan?.id);
    return disbursal?.isAcknowledged !== true;
  }

  #begin(random: Random, partnerId: string, nowMs: number): Story {
    const number = this.#stories.length;
    // The same person again, now and then: what pays once per applicant must see it.
    const before = random.chance(0.2) ? random.pick(this.#stories) : undefined;
    const acceptedAtMs = Math.max(EARLIEST_MS, nowMs - random.between(0, LATE_DAYS) * DAY_MS);
    const story: Story = {
      partnerId,
      id: derivedId('app', this.#world, String(number)),
      applicant: before?.applicant ?? `token-${number}`,
      acceptedAtMs,
      events: [],
      lastAtMs: acceptedAtMs,
      loans: [],
      ended: new Set(),
      payments: [],
    };
    this.#stories.push(story);
    return story;
  }

  #next(random: Random, story: Story, at: number, recordedAtMs: number): SimEvent | null {
    if (story.events.length === 0) return this.#write(story, 'credit.granted', at, recordedAtMs, { amount: 2_000_000 });
    const loan = random.pick(story.loans);
    const what = random.weighted([
      ['disbursed', 30],
      ['paid', loan === undefined ? 0 : 30],
      ['reversed', story.payments.some((one) => !one.isReversed) ? 6 : 0],
      ['cancelled', loan === undefined || story.ended.has(loan.id) ? 0 : 10],
      ['default', loan === undefined ? 0 : 8],
      ['fraud', story.ended.has('fraud') ? 0 : 5],
    ] as const);
    if (what === 'fraud') {
      story.ended.add('fraud');
      return this.#write(story, 'application.fraud_confirmed', at, recordedAtMs, { kind: 'identity' });
    }
    if (what === 'reversed') {
      const paid = story.payments.find((one) => !one.isReversed);
      if (paid === undefined) return null;
      paid.isReversed = true;
      const data = { loan_id: paid.loan.id, payment_ref: paid.ref };
      return this.#write(story, 'installment.reversed', at, recordedAtMs, data, paid.loan, {
        ref: paid.ref,
        interest: 0,
      });
    }
    if (what === 'disbursed' || loan === undefined) return this.#disburse(random, story, at, recordedAtMs);
    if (what === 'paid') return this.#pay(random, story, loan, at, recordedAtMs);
    if (what === 'cancelled') story.ended.add(loan.id);
    const type = what === 'cancelled' ? 'loan.cancelled' : 'loan.first_payment_default';
    return this.#write(story, type, at, recordedAtMs, { loan_id: loan.id, no: 1, days_past_due: 30 }, loan);
  }

  #disburse(random: Random, story: Story, at: number, recordedAtMs: number): SimEvent | null {
    const principal = random.between(1_000, 60_000) * 25 + random.between(0, 3);
    const loan = { id: derivedId('loan', story.id, String(story.loans.length)), principal };
    story.loans.push(loan);
    const data = {
      loan_id: loan.id,
      ordinal: story.loans.length,
      principal,
      received: principal,
      currency: CURRENCY,
      term: 12,
      term_unit: 'month',
      disbursed_at: isoOf(at),
      funder_id: 'harbour',
    };
    return this.#write(story, 'loan.disbursed', at, recordedAtMs, data, loan);
  }

  #pay(random: Random, story: Story, loan: SimLoan, at: number, recordedAtMs: number): SimEvent | null {
    const ref = `P-${story.payments.length}`;
    const interest = random.between(0, 20_000);
    story.payments.push({ ref, loan, isReversed: false });
    const amounts = { principal: 10_000, interest, fees: [], penalty: 0, payer: 'borrower' };
    const data = { loan_id: loan.id, payment_ref: ref, no: story.payments.length, ...amounts };
    return this.#write(story, 'installment.paid', at, recordedAtMs, data, loan, { ref, interest });
  }

  #write(
    story: Story,
    type: EventType,
    at: number,
    recordedAtMs: number,
    data: Record<string, unknown>,
    loan: SimLoan | null = null,
    payment: SimEvent['payment'] = null,
  ): SimEvent {
    const position = `${this.events.length + 1}-0`;
    const { partnerId, id, applicant, acceptedAtMs } = story;
    const log: LogEvent = {
      id: eventId(0, position),
      shard: 0,
      position,
      type,
      subject: id,
      occurred_at: isoOf(at),
      recorded_at: isoOf(recordedAtMs),
      data,
      context: {
        partner_id: partnerId,
        owner_id: partnerId,
        partner_ref: `ORDER-${id.slice(-6)}`,
        lender_ref: null,
        product_id: 'quick-cash',
        lender_id: 'quickcredit',
        funder_id: 'harbour',
        via: 'api',
        link_code: Number.parseInt(id.slice(-1), 16) % 2 === 0 ? LINK : null,
        click_id: null,
        customer: 'new',
        accepted_at: isoOf(acceptedAtMs),
        applicant_token: applicant,
        pins: {},
        region: '11',
        grade: null,
      },
    };
    const times = { occurredAtMs: at, recordedAtMs, acceptedAtMs };
    const event = { partnerId, application: id, applicant, type, ...times, loan, payment, log, isAcknowledged: false };
    story.events.push(event);
    this.events.push(event);
    return event;
  }
}

/** Every other applicant came by it. */
export const LINK = 'acme-home';
