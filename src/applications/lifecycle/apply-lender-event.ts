import { DAY_MS, HOUR_MS, isoOf, MINUTE_MS, msOf } from '../../base/clock.ts';
import type { DraftEvent } from '../context.ts';
import type { Application, HeldEvent } from '../model.ts';
import { applyOneEvent } from './apply-one-event.ts';
import { type LenderFacts, type Rejection, rejected, type Step } from './decision.ts';
import { eventOfHeld } from './held-event.ts';
import type { LenderEvent } from './lender-event.ts';

/** A lender's clock may be ahead of ours by this much. */
const FUTURE_SKEW_MS = 5 * MINUTE_MS;
/** Closed applications are kept this long; what is older cannot be about one. */
const EVENT_MAX_AGE_MS = 1_095 * DAY_MS;
/** How long an early event waits for the one it needs. */
const HOLD_MS = 72 * HOUR_MS;
/** More early events than this are a lender that has lost its order: it is told what is legal now, and may send again. */
const HELD_MAX = 200;
/** The detail of an event that is early where no more are held. */
export const HOLD_IS_FULL = `${HELD_MAX} events wait already for earlier ones`;

/** What became of an event that had been held. */
export interface HeldOutcome {
  readonly id: string;
  readonly result: 'applied' | 'rejected';
  readonly code?: Rejection['code'];
  readonly loanId?: string;
}

export type LenderDecision =
  | {
      readonly result: 'applied';
      readonly application: Application;
      readonly events: readonly DraftEvent[];
      readonly loanId?: string;
      readonly actionId?: string;
      readonly outcomes: readonly HeldOutcome[];
    }
  | { readonly result: 'held'; readonly until: string; readonly application: Application }
  | Rejection;

/**
 * Judges one event of a lender and works it in, together with the held events that it makes possible. An id that was
 * answered before is the caller's to notice; payments are recognised by their reference as well.
 */
export function applyLenderEvent(application: Application, event: LenderEvent, facts: LenderFacts): LenderDecision {
  const refusal = refuse(application, event, facts);
  if (refusal) return refusal;
  const step = applyOneEvent(application, event, facts);
  if (step.result === 'rejected') return step;
  if (step.result === 'early') return hold(application, event, facts);
  const { application: changed, events, result, ...ids } = step;
  const released = retryHeld(changed, facts);
  const all = [...toldBy(event, events), ...released.events];
  return { result, ...ids, application: released.application, events: all, outcomes: released.outcomes };
}

/**
 * Tries the held events again, oldest first, until none moves. One that has become impossible, or has waited too long,
 * is dropped; `outcomes` says what became of each that is no longer held.
 */
export function retryHeld(
  application: Application,
  facts: LenderFacts,
): {
  readonly application: Application;
  readonly events: readonly DraftEvent[];
  readonly outcomes: readonly HeldOutcome[];
} {
  let current = application;
  const events: DraftEvent[] = [];
  const outcomes: HeldOutcome[] = [];
  for (;;) {
    const moved = current.held.find((held) => !stays(applyHeld(current, held, facts), held, facts));
    if (moved === undefined) return { application: current, events, outcomes };
    const told = eventOfHeld(moved);
    const { id } = told;
    const step = applyHeld(current, moved, facts);
    if (step.result === 'applied') {
      events.push(...toldBy(told, step.events));
      outcomes.push({ id, result: 'applied', ...(step.loanId === undefined ? {} : { loanId: step.loanId }) });
    } else {
      outcomes.push({ id, result: 'rejected', code: step.result === 'early' ? 'illegal_transition' : step.code });
    }
    const base = step.result === 'applied' ? step.application : current;
    current = { ...base, held: base.held.filter((held) => eventOfHeld(held).id !== id) };
  }
}

function toldBy({ id }: LenderEvent, events: readonly DraftEvent[]): DraftEvent[] {
  return events.map((draft) => ({ ...draft, lender_event: id }));
}

function refuse(application: Application, event: LenderEvent, facts: LenderFacts): Rejection | undefined {
  if (application.lender_id !== facts.lenderId) {
    return rejected('wrong_lender', 'this application is with another lender');
  }
  const misdated = misdatedField(event, facts.nowMs);
  if (misdated) return misdated;
  const foreign = foreignCurrency(event.data, facts.product.currency);
  if (foreign === undefined) return undefined;
  return rejected('currency_mismatch', `the product is in ${facts.product.currency}, not in ${foreign}`);
}

/** Fields that say when something happened, beside `occurred_at`: money is counted, and arrears are, by these. */
const HAPPENED = ['requested_at', 'disbursed_at', 'paid_at', 'settled_at', 'written_off_at'] as const;

function misdatedField({ occurred_at, data = {} }: LenderEvent, nowMs: number): Rejection | undefined {
  const told = data as Readonly<Record<string, unknown>>;
  const instants = [['occurred_at', occurred_at], ...HAPPENED.map((field) => [`/data/${field}`, told[field]])] as const;
  for (const [field, at] of instants) {
    if (typeof at !== 'string') continue;
    if (msOf(at) > nowMs + FUTURE_SKEW_MS) {
      return rejected('occurred_in_future', `${field} is more than 5 minutes after ${isoOf(nowMs)}`);
    }
    if (msOf(at) < nowMs - EVENT_MAX_AGE_MS) return rejected('too_old', `${field} is more than 1095 days ago`);
  }
  return undefined;
}

function hold(application: Application, event: LenderEvent, facts: LenderFacts): LenderDecision {
  if (application.held.length >= HELD_MAX) {
    return { ...rejected('illegal_transition', HOLD_IS_FULL), legal: [] };
  }
  const until = isoOf(facts.nowMs + HOLD_MS);
  const held = [...application.held, { event, until }];
  // Retried in the order in which they happened; the id settles a tie the same way whatever came first.
  held.sort((one, other) => compareText(sortKey(one), sortKey(other)));
  return { result: 'held', until, application: { ...application, held } };
}

function sortKey(held: HeldEvent): string {
  const { occurred_at, id } = eventOfHeld(held);
  return `${occurred_at} ${id}`;
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function applyHeld(application: Application, held: HeldEvent, facts: LenderFacts): Step {
  return applyOneEvent(application, eventOfHeld(held), facts);
}

function stays(step: Step, held: HeldEvent, facts: LenderFacts): boolean {
  return step.result === 'early' && msOf(held.until) > facts.nowMs;
}

/** The first currency in the event that is not the product's. */
function foreignCurrency(value: unknown, currency: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('currency' in value && typeof value.currency === 'string' && value.currency !== currency) return value.currency;
  for (const part of Object.values(value)) {
    const found = foreignCurrency(part, currency);
    if (found !== undefined) return found;
  }
  return undefined;
}
