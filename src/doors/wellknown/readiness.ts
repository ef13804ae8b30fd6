import type { ClickSpool } from '../../attribution/away/click-spool.ts';
import type { SpoolCounts } from '../../attribution/away/spool-watch.ts';
import { isoOf } from '../../base/clock.ts';
import { type Backlog, readBacklog } from '../../events/caught-up.ts';
import type { RedisClient } from '../../redis/connection.ts';
import { type Durability, readDurability } from '../../redis/durability.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import type { RegistryStatus } from '../../registry/watch-registry.ts';

export interface ReadinessDeps {
  readonly env: 'sandbox' | 'live';
  readonly version: string;
  readonly redis: RedisClient;
  readonly keys: Keyspace;
  /** Names of the projections that must follow the log. */
  readonly projections: readonly string[];
  readonly registry: { status(): RegistryStatus };
  /** Clicks on disk that wait for Redis. */
  readonly spool: Pick<ClickSpool, 'status'>;
  readonly spoolCounts: () => SpoolCounts;
}

/** `unavailable`: what is accepted now could not be recorded. The rest is told and does not stop traffic. */
export interface Readiness {
  status: 'ready' | 'unavailable';
  version: string;
  env: 'sandbox' | 'live';
  redis: { ok: boolean; durability: Durability['level'] | null; version: string | null; replicas: number | null };
  /** Why this Redis would not be used in live mode, in words. */
  shortcomings: readonly string[];
  registry: { revision: string; loaded_at: string; last_error: RegistryFault | null };
  projections: { shards_behind: number | null; parked_subjects: number | null };
  /** `unkept`: clicks since this process started that are in their ids only. */
  click_spool: { bytes: number | null; oldest_at: string | null; unkept: number; damaged: number };
}

interface RegistryFault {
  problems: number;
  file: string;
  line: number;
  path: string;
  message: string;
}

/** Whoever asks more often gets the same answer: asking reads every shard. */
const CACHE_MS = 1_000;

/** A function that tells whether this gateway is ready; answers from memory within a second of the last reading. */
export function createReadiness(deps: ReadinessDeps): () => Promise<Readiness> {
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<Readiness> | undefined;
  return () => {
    const now = performance.now();
    if (reading === undefined || now - readAt > CACHE_MS) {
      readAt = now;
      reading = readReadiness(deps);
    }
    return reading;
  };
}

async function readReadiness(deps: ReadinessDeps): Promise<Readiness> {
  const [durability, backlog, spool] = await Promise.all([
    orUndefined(readDurability(deps.redis)),
    orUndefined<Backlog>(readBacklog(deps.redis, deps.keys, deps.projections)),
    orUndefined(deps.spool.status()),
  ]);
  const { revision, loadedAt, lastError } = deps.registry.status();
  const { kept, damaged } = deps.spoolCounts();
  const oldestAtMs = spool?.oldestAtMs ?? null;
  const ok = durability !== undefined && backlog !== undefined;
  return {
    status: ok ? 'ready' : 'unavailable',
    version: deps.version,
    env: deps.env,
    redis: {
      ok,
      durability: durability?.level ?? null,
      version: durability?.version ?? null,
      replicas: durability?.replicas ?? null,
    },
    shortcomings: durability?.shortcomings ?? [],
    registry: { revision, loaded_at: loadedAt.toISOString(), last_error: firstFault(lastError) },
    projections: {
      shards_behind: backlog?.shardsBehind ?? null,
      parked_subjects: backlog?.parkedSubjects ?? null,
    },
    click_spool: {
      bytes: spool?.bytes ?? null,
      oldest_at: oldestAtMs === null ? null : isoOf(oldestAtMs),
      unkept: kept.full + kept.failed + kept.slow,
      damaged,
    },
  };
}

/** A reading that fails is part of the report, not a failure of it. */
async function orUndefined<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch {
    return undefined;
  }
}

function firstFault(problems: RegistryStatus['lastError']): RegistryFault | null {
  const first = problems?.[0];
  if (problems === undefined || first === undefined) return null;
  const { file, line, path, message } = first;
  return { problems: problems.length, file, line, path, message };
}
