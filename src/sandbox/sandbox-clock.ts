import type { Clock } from '../base/clock.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';

/** Business time in the sandbox: real time plus an offset that all processes share. It only ever moves forward. */
export interface SandboxClock extends Clock {
  /** Reads the shared offset now. */
  refresh(): Promise<void>;
  /** Moves forward by so many ms. @returns the new now */
  advance(ms: number): Promise<number>;
  /** Moves forward to an instant; an instant that has passed leaves the clock as it is. @returns the new now */
  moveTo(targetMs: number): Promise<number>;
  stop(): void;
}

/** Another process's move is seen this much later at the most. */
const REFRESH_MS = 250;

/** Reads the offset from Redis and keeps it fresh; Redis being away leaves the last known offset in force. */
export async function createSandboxClock(client: RedisClient, keys: Keyspace): Promise<SandboxClock> {
  let offsetMs = 0;
  const nowMs = () => Date.now() + offsetMs;
  const refresh = async () => {
    // An older answer may arrive after a newer one; the offset never shrinks.
    offsetMs = Math.max(offsetMs, Number((await client.get(keys.clock())) ?? 0));
  };
  const advance = async (ms: number) => {
    if (!Number.isSafeInteger(ms) || ms < 0)
      throw new RangeError('a sandbox clock moves forward by whole milliseconds');
    offsetMs = Math.max(offsetMs, await client.incrby(keys.clock(), ms));
    return nowMs();
  };
  await refresh();
  const timer = setInterval(() => void refresh().catch(() => undefined), REFRESH_MS);
  timer.unref();
  return {
    nowMs,
    refresh,
    advance,
    async moveTo(targetMs) {
      const ms = Math.ceil(targetMs - nowMs());
      return ms > 0 ? advance(ms) : nowMs();
    },
    stop: () => clearInterval(timer),
  };
}
