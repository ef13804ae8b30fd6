import { DAY_MS, MINUTE_MS, SECOND_MS } from '../base/clock.ts';
import type { TrialCheck, TrialVerdict } from './trial-check.ts';

/** An event that the lender posted, as `GET /admin/v1/lenders/{id}/events` tells it. */
export interface PostedEvent {
  readonly at: string;
  readonly id: string | null;
  readonly type: string | null;
  readonly occurred_at: string | null;
  readonly application_id: string | null;
  readonly result: 'applied' | 'duplicate' | 'held' | 'rejected';
  readonly code: string | null;
  readonly detail: string | null;
  readonly now: 'applied' | 'held' | 'rejected' | null;
}

export interface EventsFacts {
  /** Story by application id. */
  readonly storyOf: ReadonlyMap<string, string>;
  /** Stories whose events come in the wrong order, and twice, on purpose. */
  readonly disordered: ReadonlySet<string>;
  /** Since then the clock was moved by days: what came later says nothing of how quick it was; RFC 3339, null = never. */
  readonly movedFrom: string | null;
  /** How far the sandbox clock is ahead of the time that the core goes by, ms. */
  readonly aheadMs: number;
}

/** Later than this is told; later than the second is wrong, as far ahead as the gateway takes. */
const LATE_NOTED_MS = 2 * MINUTE_MS;
const LATE_WRONG_MS = 5 * MINUTE_MS;
const AHEAD_NOTED_MS = 30 * SECOND_MS;
const NAMED_MAX = 4;

const FIXES: Readonly<Record<string, string>> = {
  schema_invalid: 'Send data as the table of events has it; the detail names the field.',
  id_reused: 'Give every event an id of its own, and keep it for retries of the same content.',
  unknown_application: 'Name the application by our application_id, or by the lender_ref that you answered with.',
  unknown_loan: 'Name the loan by our loan_id, or by the lender_ref that you answered with; post loan.requested first.',
  wrong_lender: 'Post only about your own applications, each with the key of its own lender.',
  illegal_transition: 'Post only what may follow; the detail and /docs/guide/states say what that is.',
  occurred_in_future: 'Set your clock by NTP, and send occurred_at with its offset.',
  too_old: 'Send occurred_at as the instant at which it happened.',
  currency_mismatch: 'Send every amount in the currency of the product.',
  schedule_sum_mismatch: 'Make the principals of the schedule add up to the principal of the loan, to the cent.',
  over_available: 'Pay out no more than what is left of the credit.',
  payment_exceeds_due: 'Report each payment by itself, never cumulative, and not above what is due.',
  apr_above_cap: 'Grant at a yearly cost, fees included, that the product’s cap allows.',
};

/** What the events of a trial say about the core that posted them, in the order of their coming. */
export function judgeEvents(all: readonly PostedEvent[], facts: EventsFacts): TrialCheck[] {
  // Others may be at work at the same lender: what is surely theirs is left out.
  const events = all.filter(({ application_id: id }) => id === null || facts.storyOf.has(id));
  return [
    judgeArrival(events, facts),
    ...judgeRejected(events),
    judgeHeld(events, facts),
    judgeOrder(events, facts),
    judgeRepeated(events, facts),
    judgeClock(events, facts),
    ...judgeOffset(facts),
  ];
}

function judgeArrival(events: readonly PostedEvent[], { storyOf }: EventsFacts): TrialCheck {
  const own = events.filter(({ application_id: id }) => id !== null);
  if (own.length > 0 || storyOf.size === 0) {
    return check('arrived', 'events arrive', 'passed', `${events.length} events, each of them answered`, null);
  }
  const fix =
    'Post to /lender/v1/events, signed with a key of your lender.yaml; POST /lender/v1/diagnostics/signature says what a signature lacks.';
  return check('arrived', 'events arrive', 'failed', 'no event about any of the applicants arrived', fix);
}

/** One row a code. An event that was rejected and taken later under the same id is told, and not wrong. */
function judgeRejected(events: readonly PostedEvent[]): TrialCheck[] {
  const taken = new Set(events.flatMap(({ id, result }) => (result === 'applied' || result === 'held' ? [id] : [])));
  const rejected = events.filter(({ result }) => result === 'rejected');
  if (rejected.length === 0) return [check('rejected', 'none is rejected', 'passed', 'none', null)];
  const codes = [...new Set(rejected.map(({ code }) => code ?? 'unknown'))];
  return codes.map((code) => {
    const ofCode = rejected.filter((event) => (event.code ?? 'unknown') === code);
    const isMended = ofCode.every(({ id }) => id !== null && taken.has(id));
    const found = `${ofCode.length}× ${named(ofCode)}${isMended ? '; taken when it was sent again' : ''}`;
    return check(`rejected.${code}`, `rejected: ${code}`, isMended ? 'noted' : 'failed', found, FIXES[code] ?? null);
  });
}

function judgeHeld(events: readonly PostedEvent[], { storyOf, disordered }: EventsFacts): TrialCheck {
  const held = events.filter(({ result }) => result === 'held');
  const title = 'none waits for an earlier one';
  const lost = held.filter(({ now }) => now === 'rejected' || now === 'held');
  if (lost.length > 0) {
    const what = lost.some(({ now }) => now === 'rejected') ? 'held in vain' : 'still held';
    const fix = 'Send what comes before it: until then it counts for nothing, and after three days it is rejected.';
    return check('held', title, 'failed', `${lost.length} ${what}: ${named(lost)}`, fix);
  }
  const unmeant = held.filter(({ application_id: id }) => !disordered.has(storyOf.get(id ?? '') ?? ''));
  if (unmeant.length === 0)
    return check('held', title, 'passed', held.length === 0 ? 'none' : 'only where it is meant', null);
  const fix = 'It is taken, and costs a wait: send the events of one application in the order in which they happened.';
  return check('held', title, 'noted', `${unmeant.length} held until the earlier one came: ${named(unmeant)}`, fix);
}

function judgeOrder(events: readonly PostedEvent[], { storyOf, disordered }: EventsFacts): TrialCheck {
  const title = 'events come in the order in which they happened';
  const latest = new Map<string, string>();
  const late = events.filter((event) => {
    const { application_id: id, occurred_at: at, result } = event;
    if (id === null || at === null || result === 'duplicate' || disordered.has(storyOf.get(id) ?? '')) return false;
    const before = latest.get(id) ?? '';
    if (at >= before) latest.set(id, at);
    return at < before;
  });
  if (late.length === 0) return check('order', title, 'passed', 'they do', null);
  const fix = 'Send the events of one application one after the other, oldest first, and wait for each answer.';
  return check('order', title, 'noted', `${late.length} came after later ones: ${named(late)}`, fix);
}

function judgeRepeated(events: readonly PostedEvent[], { storyOf, disordered }: EventsFacts): TrialCheck {
  const repeated = events.filter(({ result }) => result === 'duplicate');
  const title = 'none is sent again that was answered';
  const unmeant = repeated.filter(({ application_id: id }) => !disordered.has(storyOf.get(id ?? '') ?? ''));
  if (unmeant.length === 0) {
    return check('repeated', title, 'passed', repeated.length === 0 ? 'none' : 'only where it is meant', null);
  }
  const fix = 'Harmless; note each event as sent once it was answered applied, duplicate or held.';
  return check('repeated', title, 'noted', `${unmeant.length}× ${named(unmeant)}`, fix);
}

function judgeClock(
  events: readonly PostedEvent[],
  { movedFrom, storyOf, disordered, aheadMs }: EventsFacts,
): TrialCheck {
  const title = 'occurred_at agrees with when it comes';
  const timed = events.filter(({ at, occurred_at: occurred, application_id: id, result }) => {
    const isMeant = disordered.has(storyOf.get(id ?? '') ?? '');
    return occurred !== null && result !== 'duplicate' && !isMeant && (movedFrom === null || at < movedFrom);
  });
  // Two machines' clocks never agree to the second: only a clock that was moved counts.
  const offsetMs = aheadMs > LATE_NOTED_MS ? aheadMs : 0;
  const lags = timed.map((event) => {
    const occurredMs = Date.parse(event.occurred_at ?? event.at);
    return { event, lagMs: Date.parse(event.at) - offsetMs - occurredMs };
  });
  const latest = lags.reduce((most, one) => Math.max(most, one.lagMs), 0);
  const earliest = lags.reduce((least, one) => Math.min(least, one.lagMs), 0);
  if (latest > LATE_NOTED_MS) {
    const late = lags.filter(({ lagMs }) => lagMs > LATE_NOTED_MS).map(({ event }) => event);
    const verdict = latest > LATE_WRONG_MS ? 'failed' : 'noted';
    const fix =
      'Post events when they happen, with occurred_at in real time and its offset; days past due are counted by it.';
    return check('clock', title, verdict, `up to ${seconds(latest)} s late: ${named(late)}`, fix);
  }
  if (-earliest > AHEAD_NOTED_MS) {
    const fix = 'Set your clock by NTP: five minutes ahead, and events are rejected.';
    return check('clock', title, 'noted', `up to ${seconds(-earliest)} s ahead of the gateway’s clock`, fix);
  }
  return check('clock', title, 'passed', `${seconds(latest)} s late at most`, null);
}

/** A core in real time at a gateway whose clock was moved: everything that it tells lies in the past. */
function judgeOffset({ aheadMs }: EventsFacts): TrialCheck[] {
  if (aheadMs <= LATE_NOTED_MS) return [];
  const found = `the sandbox clock is ${(aheadMs / DAY_MS).toFixed(1)} days ahead of the core’s`;
  const fix = 'Try on a fresh data folder, or give --clock when the core goes by GET /sandbox/clock.';
  return [check('offset', 'both go by the same time', 'noted', found, fix)];
}

function seconds(ms: number): string {
  return (ms / SECOND_MS).toFixed(1);
}

/** The first few, with what is wrong with each. */
function named(events: readonly PostedEvent[]): string {
  const shown = events.slice(0, NAMED_MAX).map(({ id, type, detail }) => {
    return `${id ?? 'no id'} ${type ?? 'of no known type'}${detail === null ? '' : ` (${detail})`}`;
  });
  const more = events.length - shown.length;
  return `${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

function check(id: string, title: string, verdict: TrialVerdict, found: string, fix: string | null): TrialCheck {
  return { part: 'events', id, title, verdict, found, fix, section: 'try-events' };
}
