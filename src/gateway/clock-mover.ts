import type { Catalogue } from '../catalogue/catalogue.ts';
import type { ClockMoverPort } from '../doors/operator/clock.ts';
import { createClockMover } from '../sandbox/advance-clock.ts';
import { parseClockMove } from '../sandbox/parse-clock-move.ts';
import type { SandboxClock } from '../sandbox/sandbox-clock.ts';
import type { SandboxLenders } from '../sandbox/sandbox-lender.ts';
import type { Workers } from './workers.ts';

/** The sandbox clock as the operator door moves it: the lenders' doings first, then our own rules of the same instant. */
export function clockMoverPort(
  clock: SandboxClock,
  lenders: SandboxLenders,
  workers: Workers,
  catalogue: Pick<Catalogue, 'nextDue' | 'runDue'>,
): ClockMoverPort {
  const { timers, releaser, silence, receivables, personal, listWork } = workers;
  const holds = {
    name: 'commission holds',
    nextDue: () => releaser.nextDue(),
    runDue: (nowMs: number) => releaser.runDue(nowMs),
  };
  const pauses = {
    name: 'product pauses',
    nextDue: () => catalogue.nextDue(),
    runDue: (nowMs: number) => catalogue.runDue(nowMs),
  };
  const { overdueSweeper, appealSweeper } = listWork;
  const sources = [
    pauses,
    lenders.due,
    timers,
    holds,
    silence,
    receivables,
    personal.sweeper,
    overdueSweeper,
    appealSweeper,
  ];
  const mover = createClockMover({ clock, sources, settle: () => workers.settle() });
  return {
    now: () => clock.nowMs(),
    async move(body) {
      const wanted = parseClockMove(body, clock.nowMs());
      if (!wanted.ok) return wanted;
      return { now: await mover.advanceTo(wanted.targetMs) };
    },
  };
}
