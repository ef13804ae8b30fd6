import { HOUR_MS } from '../base/clock.ts';

/** Something that waits for the sandbox clock: a sandbox lender, the gateway's timers, the ledger's holds. */
export interface DueSource {
  /** For messages. */
  readonly name: string;
  /** When the earliest of what waits is due, epoch ms; null when nothing waits. */
  nextDue(): Promise<number | null>;
  /** Does everything that is due at `nowMs` or before, each as of its own due time. @returns how many things were done */
  runDue(nowMs: number): Promise<number>;
  /**
   * Does what is for every day, once the clock has come to where it was moved: a stop for each day of a year would be dear,
   * and nothing else waits for it.
   */
  catchUp?(nowMs: number): Promise<void>;
}

/** The clock as far as it is moved here. */
export interface MovableClock {
  nowMs(): number;
  moveTo(targetMs: number): Promise<number>;
}

export interface ClockMoverDeps {
  readonly clock: MovableClock;
  /** Of things due at the same instant, those of the first source happen first. */
  readonly sources: readonly DueSource[];
  /** Resolves when everything that the last stop set off has come to rest: projections, outbox. */
  readonly settle: () => Promise<void>;
}

export interface ClockMover {
  /** Moves the clock forward and resolves when all that fell due has been applied. @returns the new now, epoch ms */
  advanceTo(targetMs: number): Promise<number>;
}

/** A source that says again and again that the same thing is due is stuck; the lenders' door gets some patience. */
const STUCK_AFTER_STOPS = 20;

/**
 * Moves the sandbox clock from one due time to the next, so that nothing happens before its time and what a step sets off
 * can itself fall due on the way. Steps of one source within the same hour share a stop: each happens as of its own due
 * time, and no other source has anything due in between.
 */
export function createClockMover({ clock, sources, settle }: ClockMoverDeps): ClockMover {
  let turn: Promise<unknown> = Promise.resolve();
  return {
    advanceTo(targetMs) {
      const run = turn.catch(() => undefined).then(() => move({ clock, sources, settle }, targetMs));
      turn = run;
      return run;
    },
  };
}

async function move({ clock, sources, settle }: ClockMoverDeps, targetMs: number): Promise<number> {
  let stuckAt = Number.NaN;
  let stuckStops = 0;
  await settle();
  for (;;) {
    const dues = await Promise.all(
      sources.map(async (source) => ({ source, dueMs: (await source.nextDue()) ?? Number.POSITIVE_INFINITY })),
    );
    const stop = nextStop(dues, targetMs);
    if (!stop) break;
    stuckStops = stop.dueMs === stuckAt ? stuckStops + 1 : 0;
    stuckAt = stop.dueMs;
    if (stuckStops >= STUCK_AFTER_STOPS) {
      throw new Error(`${stop.source.name} still has something due at ${new Date(stop.dueMs).toISOString()}`);
    }
    await clock.moveTo(stop.untilMs);
    await stop.source.runDue(stop.untilMs);
    await settle();
  }
  const nowMs = await clock.moveTo(targetMs);
  await settle();
  for (const source of sources) await source.catchUp?.(nowMs);
  return nowMs;
}

interface SourceDue {
  readonly source: DueSource;
  readonly dueMs: number;
}

/** Where the clock stops next, and whose steps run there; undefined when nothing is due up to the target. */
export function nextStop(
  dues: readonly SourceDue[],
  targetMs: number,
): (SourceDue & { readonly untilMs: number }) | undefined {
  let first: SourceDue | undefined;
  for (const due of dues) if (!first || due.dueMs < first.dueMs) first = due;
  if (!first || first.dueMs > targetMs) return undefined;
  const hourEndMs = (Math.floor(first.dueMs / HOUR_MS) + 1) * HOUR_MS - 1;
  const others = dues.filter((due) => due !== first).map((due) => due.dueMs - 1);
  const untilMs = Math.max(first.dueMs, Math.min(hourEndMs, targetMs, ...others));
  return { ...first, untilMs };
}
