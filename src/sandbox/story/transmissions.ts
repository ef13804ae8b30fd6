import { createHash } from 'node:crypto';
import { MINUTE_MS, SECOND_MS } from '../../base/clock.ts';
import type { SandboxBook } from './book.ts';
import { BookPlay } from './book-play.ts';
import type { Step } from './teller.ts';

/** One sending of a step's event. */
export interface Transmission {
  readonly step: Step;
  /** When it is sent, epoch ms; never before it happened. */
  readonly sendMs: number;
  /** It was sent before. */
  readonly again: boolean;
}

/** Steps this close together reach the gateway in the wrong order. */
const BURST_MS = 2 * SECOND_MS;
const AGAIN_AFTER_MS = 5 * MINUTE_MS;

/** Everything that the lender will send about an applicant if nothing more is told to it, in the order of sending. */
export function transmissionsOf(book: SandboxBook): Transmission[] {
  const { steps } = new BookPlay(book).runUntil();
  if (book.scenario === 'disordered_events') return disordered(steps);
  return steps.map((step) => ({ step, sendMs: step.dueMs, again: false }));
}

/**
 * 0009: what happens within two seconds is sent together, last things first; every other event is sent twice, beginning with
 * the first or the second as its id has it. A burst is sent when it is closed, so that what has been sent stays as it was
 * whatever happens later.
 */
function disordered(steps: readonly Step[]): Transmission[] {
  const sent: Transmission[] = [];
  let burst: Step[] = [];
  const [first] = steps;
  const odd = first === undefined ? 0 : createHash('sha256').update(first.id).digest().readUInt8(0) % 2;
  const send = (): void => {
    const sendMs = (burst[0]?.dueMs ?? 0) + BURST_MS;
    // A payment under a new plan cannot be told before the plan: that is refused, not held.
    const told = burst.some(isNewPlan) ? burst : burst.toReversed();
    for (const step of told) sent.push({ step, sendMs, again: false });
    burst = [];
  };
  for (const step of steps) {
    const [begun] = burst;
    if (begun !== undefined && step.dueMs > begun.dueMs + BURST_MS) send();
    burst.push(step);
  }
  send();
  const twice = sent.flatMap((one, at): Transmission[] => {
    return at % 2 === odd ? [one, { ...one, sendMs: one.sendMs + AGAIN_AFTER_MS, again: true }] : [one];
  });
  return twice.sort((one, other) => one.sendMs - other.sendMs);
}

function isNewPlan({ event }: Step): boolean {
  return event.type === 'loan.schedule_updated' && event.data.reason === 'prepayment';
}
