import type { Step } from './action.ts';
import { applyAgain, applyEvents, applyMany, applyTooEarly } from './apply-events.ts';
import { closeAll, lockPeriod, refreshPeriod, releaseHolds, reviewPeriod } from './close-periods.ts';
import { dispute, resolve } from './dispute.ts';
import { accept, adjustSomething, pay, payAgain, silence } from './settle.ts';

/** What processes do, each as often as its weight says. */
export const STEPS: readonly (readonly [Step, number])[] = [
  [applyEvents, 40],
  [applyAgain, 12],
  [applyTooEarly, 2],
  [applyMany, 1],
  [releaseHolds, 6],
  [reviewPeriod, 8],
  [refreshPeriod, 7],
  [lockPeriod, 7],
  [closeAll, 2],
  [dispute, 4],
  [resolve, 4],
  [adjustSomething, 4],
  [pay, 6],
  [payAgain, 4],
  [accept, 2],
  [silence, 2],
];
