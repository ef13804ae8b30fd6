import { type Clock, MINUTE_MS } from '../../base/clock.ts';
import { isUnavailable } from '../../redis/is-unavailable.ts';
import { lookNowAndThen } from '../../redis/look-now-and-then.ts';
import type { AppealDesk } from './appeal-desk.ts';

export interface AppealSweeperDeps {
  readonly desk: AppealDesk;
  readonly clock: Clock;
  /** Told of an appeal that could not be looked at; it stays due. Redis being away is not reported. */
  readonly onError?: (error: unknown) => void;
}

/** Makes appeals follow the clock: a due source of it, and a look now and then. */
export interface AppealSweeper {
  /** For messages. */
  readonly name: string;
  /** When the next one is due, epoch ms; null when none is undecided. */
  nextDue(): Promise<number | null>;
  /** Looks at every appeal that is due at `nowMs`. @returns how many */
  runDue(nowMs: number): Promise<number>;
  start(): void;
  /** Resolves when a round under way has ended. */
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = MINUTE_MS / 6;

/** Several processes may run it: each step of an appeal is taken once, whoever comes first. */
export function createAppealSweeper({ desk, clock, onError }: AppealSweeperDeps): AppealSweeper {
  const run = async (nowMs: number): Promise<number> => {
    let count = 0;
    // Those that fail stay in front; they are passed over until the next look.
    let failed = 0;
    for (;;) {
      const due = await desk.appeals.due(nowMs, failed);
      if (due.length === 0) return count;
      for (const id of due) {
        try {
          await desk.look(id, nowMs);
          count += 1;
        } catch (error) {
          if (isUnavailable(error)) throw error;
          failed += 1;
          onError?.(error);
        }
      }
    }
  };
  return {
    name: 'appeals',
    nextDue: () => desk.appeals.nextDue(),
    runDue: run,
    ...lookNowAndThen(() => run(clock.nowMs()), LOOK_EVERY_MS, onError),
  };
}
