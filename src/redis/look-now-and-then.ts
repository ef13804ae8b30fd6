import { isUnavailable } from './is-unavailable.ts';

/** Work that is looked at again and again in the background. */
export interface Looker {
  start(): void;
  /** Resolves when a round under way has ended. */
  stop(): Promise<void>;
}

/**
 * Runs `look` every `everyMs`, counted from the end of the round before: rounds never overlap, and the first one waits too.
 * @param onError told of what a round failed with; Redis being away is not reported, the next round comes anyway
 */
export function lookNowAndThen(
  look: () => Promise<unknown>,
  everyMs: number,
  onError?: (error: unknown) => void,
): Looker {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> = Promise.resolve();
  const round = (): void => {
    running = look()
      .catch((error: unknown) => {
        if (!isUnavailable(error)) onError?.(error);
      })
      .finally(() => {
        if (timer !== undefined) timer = setTimeout(round, everyMs);
      });
  };
  return {
    start() {
      timer ??= setTimeout(round, everyMs);
    },
    async stop() {
      clearTimeout(timer);
      timer = undefined;
      await running;
    },
  };
}
