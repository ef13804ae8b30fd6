import { HOUR_MS } from '../../base/clock.ts';
import { isUnavailable } from '../../redis/is-unavailable.ts';
import type { StoreParts } from './store-parts.ts';
import { sweepLists } from './sweep-lists.ts';

/** Gives back the memory of expired entries, now and then. */
export interface ListSweeper {
  start(): void;
  /** Resolves when a sweep under way has ended, which is soon. */
  stop(): Promise<void>;
}

/** What has expired counts for nothing from its day on: when it is dropped does not matter much. */
const SWEEP_EVERY_MS = 6 * HOUR_MS;
/** Between calls of well under a millisecond: a sweep takes a small part of one core of Redis. */
const PAUSE_MS = 5;

/** @param onError told of a sweep that failed; Redis being away is not reported */
export function createListSweeper(parts: StoreParts, onError: (error: unknown) => void): ListSweeper {
  const ending = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> = Promise.resolve();
  const sweep = (): void => {
    running = sweepLists(parts, { pauseMs: PAUSE_MS, signal: ending.signal }).catch((error: unknown) => {
      if (!isUnavailable(error)) onError(error);
    });
  };
  return {
    start() {
      timer ??= setInterval(sweep, SWEEP_EVERY_MS);
    },
    async stop() {
      clearInterval(timer);
      ending.abort();
      await running;
    },
  };
}
