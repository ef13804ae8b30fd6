import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../base/clock.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { defineScript } from '../redis/script.ts';

/** Business time in the sandbox: real time plus an offset that all processes share. It only ever moves forward. */
export interface SandboxClock extends Clock {
  /** Reads the shared offset now. */
  refresh(): Promise<void>;
  /** Moves forward by so many ms. @returns the new now */
  advance(ms: number): Promise<number>;
  /**
   * Moves forward to an instant; an instant that has passed leaves the clock as it is. Resolves when every process that
   * shares the clock goes by it.
   * @returns the new now
   */
  moveTo(targetMs: number): Promise<number>;
  stop(): void;
}

/** Which of how many processes on this machine this one is; the first is 1. */
export interface ClockShare {
  readonly index: number;
  readonly count: number;
}

/** A process alone hears of another installation's moves this much later at the most … */
const REFRESH_MS = 250;
/** … and processes that wait for each other look this often … */
const REFRESH_TOGETHER_MS = 20;
/** … and no longer than this for one that has ended: it reads the clock when it starts again. */
const SEEN_TIMEOUT_MS = 2_000;

const moveScript = defineScript<'clock', number>({
  file: new URL('./move-clock.lua', import.meta.url),
  keys: ['clock'],
  reply: Number,
});

/** Reads the offset from Redis and keeps it fresh; Redis being away leaves the last known offset in force. */
export async function createSandboxClock(
  client: RedisClient,
  keys: Keyspace,
  share: ClockShare = { index: 1, count: 1 },
): Promise<SandboxClock> {
  const together = share.count > 1;
  let offsetMs = 0;
  let toldMs = -1;
  const nowMs = () => Date.now() + offsetMs;
  /** An older answer may arrive after a newer one; the offset never shrinks. */
  const take = async (readMs: number) => {
    offsetMs = Math.max(offsetMs, readMs);
    if (!together || toldMs === offsetMs) return;
    const telling = offsetMs;
    await client.hset(keys.clockSeen(), String(share.index), telling);
    toldMs = telling;
  };
  const refresh = async () => take(Number((await client.get(keys.clock())) ?? 0));
  const moveOffset = async (wantedMs: number) => {
    await take(await moveScript.run(client, { clock: keys.clock() }, [wantedMs]));
    if (together) await waitUntilSeen(client, keys, share.count, offsetMs);
    return nowMs();
  };
  await refresh();
  const every = together ? REFRESH_TOGETHER_MS : REFRESH_MS;
  const timer = setInterval(() => void refresh().catch(() => undefined), every);
  timer.unref();
  return {
    nowMs,
    refresh,
    async advance(ms) {
      if (!Number.isSafeInteger(ms) || ms < 0)
        throw new RangeError('a sandbox clock moves forward by whole milliseconds');
      return moveOffset(offsetMs + ms);
    },
    moveTo: (targetMs) => moveOffset(Math.max(offsetMs, Math.ceil(targetMs - Date.now()))),
    stop: () => clearInterval(timer),
  };
}

async function waitUntilSeen(client: RedisClient, keys: Keyspace, count: number, offsetMs: number): Promise<void> {
  const deadline = Date.now() + SEEN_TIMEOUT_MS;
  const indexes = Array.from({ length: count }, (_, at) => String(at + 1));
  while (Date.now() < deadline) {
    const seen = await client.hmget(keys.clockSeen(), ...indexes);
    if (seen.every((text) => Number(text ?? -1) >= offsetMs)) return;
    await delay(REFRESH_TOGETHER_MS / 4);
  }
}
