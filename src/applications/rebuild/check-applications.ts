import { ALL_SHARDS, isId, shardOfId } from '../../base/ids.ts';
import type { LogEvent } from '../../events/event.ts';
import { readLog } from '../../events/log.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import type { Application } from '../model.ts';
import type { ApplicationStore } from '../store.ts';
import { type Difference, findDifferences } from './find-differences.ts';
import { foldEvent } from './rebuild-application.ts';

export interface CheckDeps {
  readonly client: RedisClient;
  readonly keys: Keyspace;
  readonly store: Pick<ApplicationStore, 'load'>;
  /** Business time, epoch ms: days past due are counted up to it. */
  readonly nowMs: number;
  /** Told of events read so far, of all that there were when the check began; both count an event once a pass. */
  readonly progress?: (done: number, total: number) => void;
}

export interface CheckedApplications {
  readonly applications: number;
  readonly events: number;
  /** Those whose stored document is not what their log comes to, in the order of their shards. */
  readonly differing: readonly { readonly applicationId: string; readonly differences: readonly Difference[] }[];
}

/** Events read at once. */
const BATCH = 500;
/**
 * A pass over a shard holds the applications of about this many events: some 10 000 of them, 100 MB. A longer log is read
 * several times, each time for a share of its applications.
 */
const EVENTS_A_PASS = 200_000;
/** A live application moves while it is read; after so many moves in a row it is compared as it was read last. */
const LOOKS_MAX = 20;

/** What the log has come to by the place where it was read; undefined = it begins no application. */
type Folds = Map<string, Application | undefined>;

/**
 * Rebuilds applications from the logs of their shards and compares each with its stored document. It may run beside a working
 * gateway: what has moved since is read again before it is called different.
 * @param applicationId only this one
 */
export async function checkApplications(deps: CheckDeps, applicationId?: string): Promise<CheckedApplications> {
  const shards = applicationId === undefined ? ALL_SHARDS : [shardOfId(applicationId)];
  const lengths = await Promise.all(shards.map((shard) => deps.client.xlen(deps.keys.shard(shard, 'log'))));
  const passes = lengths.map((length) => (applicationId === undefined ? Math.ceil(length / EVENTS_A_PASS) : 1));
  const total = lengths.reduce((sum, length, index) => sum + length * (passes[index] ?? 1), 0);
  const checked = { applications: 0, events: 0, differing: [] as CheckedApplications['differing'][number][] };
  let read = 0;
  const onRead = (count: number): void => {
    read += count;
    deps.progress?.(Math.min(read, total), total);
  };
  for (const [index, shard] of shards.entries()) {
    const count = passes[index] ?? 1;
    for (let pass = 0; pass < count; pass += 1) {
      const isMeant = (id: string): boolean =>
        applicationId === undefined ? isId('app', id) && shareOf(id, count) === pass : id === applicationId;
      const { folds, events, position } = await foldShard(deps, shard, isMeant, onRead);
      checked.applications += folds.size;
      checked.events += events;
      for (const [id, rebuilt] of folds) {
        const differences = await compareStored(deps, id, rebuilt, position);
        if (differences.length > 0) checked.differing.push({ applicationId: id, differences });
      }
    }
  }
  return checked;
}

async function foldShard(
  { client, keys }: CheckDeps,
  shard: number,
  isMeant: (id: string) => boolean,
  onRead: (count: number) => void,
): Promise<{ readonly folds: Folds; readonly events: number; readonly position: string }> {
  const folds: Folds = new Map();
  let position = '0-0';
  let events = 0;
  for (;;) {
    const batch = await readLog(client, keys, shard, position, BATCH);
    for (const event of batch) {
      if (!isMeant(event.subject)) continue;
      folds.set(event.subject, foldEvent(folds.get(event.subject), event));
      events += 1;
    }
    position = batch.at(-1)?.position ?? position;
    onRead(batch.length);
    if (batch.length < BATCH) return { folds, events, position };
  }
}

/** State and events are written in one step: a document that is the same before and after the log was read is what it tells. */
async function compareStored(
  deps: CheckDeps,
  id: string,
  rebuilt: Application | undefined,
  position: string,
): Promise<readonly Difference[]> {
  const first = await deps.store.load(id);
  let differences = differencesOf(first?.application, rebuilt, deps.nowMs);
  let [current, from] = [rebuilt, position];
  for (let look = 0; look < LOOKS_MAX && differences.length > 0; look += 1) {
    const before = await deps.store.load(id);
    const later = await readRest(deps, id, from);
    current = later.events.reduce<Application | undefined>(foldEvent, current);
    from = later.position;
    const after = await deps.store.load(id);
    differences = differencesOf(after?.application, current, deps.nowMs);
    if (before?.version === after?.version) return differences;
  }
  return differences;
}

async function readRest(
  { client, keys }: CheckDeps,
  id: string,
  after: string,
): Promise<{ readonly events: readonly LogEvent[]; readonly position: string }> {
  const events: LogEvent[] = [];
  let position = after;
  for (;;) {
    const batch = await readLog(client, keys, shardOfId(id), position, BATCH);
    events.push(...batch.filter(({ subject }) => subject === id));
    position = batch.at(-1)?.position ?? position;
    if (batch.length < BATCH) return { events, position };
  }
}

function differencesOf(
  stored: Application | undefined,
  rebuilt: Application | undefined,
  nowMs: number,
): readonly Difference[] {
  if (stored === undefined) return [{ pointer: '', what: 'only_in_log', stored, rebuilt }];
  if (rebuilt === undefined) return [{ pointer: '', what: 'only_stored', stored, rebuilt }];
  return findDifferences(stored, rebuilt, nowMs);
}

/** Which pass an application belongs to: any even spread will do. */
function shareOf(id: string, passes: number): number {
  return passes <= 1 ? 0 : Number.parseInt(id.slice(-6), 16) % passes;
}
