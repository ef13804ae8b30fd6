import type { HeldEvent } from '../model.ts';
import type { LenderEvent } from './lender-event.ts';

/** The event that is held: it was checked when it came. */
export function eventOfHeld(held: HeldEvent): LenderEvent {
  return held.event as LenderEvent;
}
