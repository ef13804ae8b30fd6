import { setTimeout as delay } from 'node:timers/promises';
import { ALL_SHARDS, SHARD_COUNT } from '../base/ids.ts';
import { funderOf, isFunder } from '../base/ledger-party.ts';
import { type Parked, readCursors, readParked } from '../events/checkpoint.ts';
import type { LogEvent } from '../events/event.ts';
import { isBefore, logTail, readPositions } from '../events/log.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import type { Blocker } from './close-outcome.ts';
import { COMMISSION_PROJECTION } from './commission-projection.ts';
import { FUNDING_PROJECTION } from './funding/funding-projection.ts';
import { counterpartyOf } from './money-event-of.ts';

const WAIT_MS = 2_000;
const LOOK_AGAIN_MS = 25;

/**
 * Events of a counterparty that are not in its ledger yet: parked ones, and those that the projection has not reached. The
 * newest of the logs get a moment to be applied, so that a busy day is no obstacle.
 */
export async function eventBlockers(client: RedisClient, keys: Keyspace, partnerId: string): Promise<Blocker[]> {
  const projection = isFunder(partnerId) ? FUNDING_PROJECTION : COMMISSION_PROJECTION;
  const waiting = await shardsBehind(client, keys, projection);
  const parked = (await Promise.all(ALL_SHARDS.map((shard) => parkedOf(client, keys, shard, partnerId)))).flat();
  const blockers: Blocker[] = [];
  if (waiting > 0) {
    const detail = `${waiting} of ${SHARD_COUNT} shards have events that are not in the ledger yet; try again`;
    blockers.push({ code: 'events_waiting', count: waiting, detail });
  }
  const [first] = parked;
  if (first !== undefined) {
    const count = parked.reduce((sum, { positions }) => sum + positions.length, 0);
    const detail = `${count} events wait behind a fault, the first of ${first.subject}: ${first.error}`;
    blockers.push({ code: 'events_parked', count, detail });
  }
  return blockers;
}

/** Shards whose newest event, as of now, the projection has still not passed after a moment. */
async function shardsBehind(client: RedisClient, keys: Keyspace, projection: string): Promise<number> {
  const tails = await Promise.all(ALL_SHARDS.map((shard) => logTail(client, keys, shard)));
  const deadline = performance.now() + WAIT_MS;
  let behind = ALL_SHARDS.filter((shard) => tails[shard] !== '0-0');
  for (;;) {
    const cursors = await Promise.all(behind.map((shard) => readCursors(client, keys, shard)));
    behind = behind.filter((shard, index) => {
      const cursor = cursors[index]?.[projection] ?? '0-0';
      return isBefore(cursor, tails[shard] ?? '0-0');
    });
    if (behind.length === 0 || performance.now() > deadline) return behind.length;
    await delay(LOOK_AGAIN_MS);
  }
}

async function parkedOf(client: RedisClient, keys: Keyspace, shard: number, partnerId: string): Promise<Parked[]> {
  const wanted = isFunder(partnerId) ? FUNDING_PROJECTION : COMMISSION_PROJECTION;
  const parked = (await readParked(client, keys, shard)).filter(({ projection }) => projection === wanted);
  const events = await readPositions(
    client,
    keys,
    shard,
    parked.flatMap(({ positions }) => positions.slice(0, 1)),
  );
  const subjects = new Set(events.filter((event) => mayBelongTo(partnerId, event)).map(({ subject }) => subject));
  return parked.filter(({ subject }) => subjects.has(subject));
}

/** Whether what a parked event earns may belong into this ledger: its funder need not be the one that it names. */
function mayBelongTo(partnerId: string, event: LogEvent): boolean {
  const funder = funderOf(partnerId);
  if (funder === null) return counterpartyOf(event) === partnerId;
  const named = [event.data.funder_id, event.context?.funder_id].filter((id) => typeof id === 'string');
  return named.length === 0 || named.includes(funder);
}
