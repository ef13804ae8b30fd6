import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { type LenderSources, watchLenders } from './lender-metrics.ts';

/** Seconds; from a redirect on one core to a request that waits for a lender. */
const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Facts that are read when metrics are asked for. */
export interface MetricSources {
  redisUp(): boolean;
  /** `lastError` is there while the files on disk are not the ones in use. */
  registry(): { readonly loadedAt: Date; readonly lastError?: unknown };
  parkedSubjects(): Promise<number>;
  /** Entries in the audit log: kept elsewhere, it shows when a tail was cut off. */
  auditSequence(): Promise<number>;
}

/** The metrics of one gateway; a registry of its own, so that several can live in one process. */
export interface Metrics {
  readonly registry: Registry;
  /** Records one HTTP answer. `route` is the pattern. */
  observeRequest(door: string, method: string, route: string, status: number, seconds: number): void;
  /** Counts one event that a projection applied, parked or will retry. */
  countProjection(projection: string, outcome: 'applied' | 'parked' | 'retried'): void;
  /** Counts one request that a limit turned away; `party` where one was authenticated. */
  countLimited(policy: string, door: string, party?: string): void;
  /** Records how long one lender took to be asked live, or why it was not asked. */
  observeLivePrecheck(lender: string, outcome: string, seconds: number): void;
  /** Counts one attempt to deliver something to a lender's core. */
  countPush(lender: string, kind: string, outcome: string): void;
  /** Counts one one-time code that was asked for, and what came of it. */
  countCode(partner: string, outcome: string): void;
  /** Counts one arrival at a link that has to be signed: `valid`, or what was wrong with the address. */
  countEntry(partner: string, finding: string): void;
  /** Names where the gauges of lenders' cores are read from. */
  watchLenders(sources: LenderSources): void;
  /** Says whether this process decides request rates by itself, because Redis cannot be asked. */
  limitsLocal(isLocal: boolean): void;
  /** Names where gauges are read from; until then they are not shown. */
  watch(sources: MetricSources): void;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: 'sluice_http_request_duration_seconds',
    help: 'HTTP requests by door, method, route pattern and status',
    labelNames: ['door', 'method', 'route', 'status'],
    buckets: DURATION_BUCKETS,
    registers: [registry],
  });
  const projected = new Counter({
    name: 'sluice_projection_events_total',
    help: 'Events by projection and outcome',
    labelNames: ['projection', 'outcome'],
    registers: [registry],
  });
  const limited = new Counter({
    name: 'sluice_limited_requests_total',
    help: 'Requests that a limit turned away, by policy, door and party',
    labelNames: ['policy', 'door', 'party'],
    registers: [registry],
  });
  const local = new Gauge({
    name: 'sluice_limits_local',
    help: '1 while this process decides request rates by itself, because Redis cannot be asked',
    registers: [registry],
  });
  local.set(0);
  const live = new Histogram({
    name: 'sluice_live_precheck_seconds',
    help: 'Prechecks asked live, by lender and outcome',
    labelNames: ['lender', 'outcome'],
    buckets: DURATION_BUCKETS,
    registers: [registry],
  });
  const pushed = new Counter({
    name: 'sluice_push_attempts_total',
    help: 'Attempts to deliver to lenders, by lender, kind of message and outcome',
    labelNames: ['lender', 'kind', 'outcome'],
    registers: [registry],
  });
  const codes = new Counter({
    name: 'sluice_one_time_codes_total',
    help: 'One-time codes that applicants asked for, by partner and outcome',
    labelNames: ['partner', 'outcome'],
    registers: [registry],
  });
  const entries = new Counter({
    name: 'sluice_signed_entries_total',
    help: 'Arrivals at links that have to be signed, by partner and what was found',
    labelNames: ['partner', 'finding'],
    registers: [registry],
  });
  // Labels are resolved once for each combination: hashing them at every request costs more than the observation.
  const children = new Map<string, Histogram.Internal<'door' | 'method' | 'route' | 'status'>>();
  return {
    registry,
    observeRequest(door, method, route, status, seconds) {
      const id = `${method} ${route} ${status} ${door}`;
      let child = children.get(id);
      if (child === undefined) {
        child = duration.labels(door, method, route, String(status));
        children.set(id, child);
      }
      child.observe(seconds);
    },
    countProjection: (projection, outcome) => projected.inc({ projection, outcome }),
    countLimited: (policy, door, party = '') => limited.inc({ policy, door, party }),
    observeLivePrecheck: (lender, outcome, seconds) => live.observe({ lender, outcome }, seconds),
    countPush: (lender, kind, outcome) => pushed.inc({ lender, kind, outcome }),
    countCode: (partner, outcome) => codes.inc({ partner, outcome }),
    countEntry: (partner, finding) => entries.inc({ partner, finding }),
    watchLenders: (sources) => watchLenders(registry, sources),
    limitsLocal: (isLocal) => local.set(Number(isLocal)),
    watch: (sources) => watchSources(registry, sources),
  };
}

function watchSources(registry: Registry, sources: MetricSources): void {
  const gauge = (name: string, help: string, read: () => number | Promise<number>): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        try {
          this.set(await read());
        } catch {
          // What cannot be read now is shown as not a number; the other metrics are still answered.
          this.set(Number.NaN);
        }
      },
    });
  };
  gauge('sluice_redis_up', '1 while Redis can be used', () => Number(sources.redisUp()));
  gauge('sluice_registry_loaded_timestamp_seconds', 'When the counterparty files in use were loaded', () =>
    Math.floor(sources.registry().loadedAt.getTime() / 1_000),
  );
  gauge('sluice_registry_last_reload_ok', '1 when the counterparty files on disk are those in use', () =>
    Number(sources.registry().lastError === undefined),
  );
  gauge('sluice_audit_sequence', 'Entries in the audit log', () => sources.auditSequence());
  gauge('sluice_parked_subjects', 'Subjects whose events wait for an operator', () => sources.parkedSubjects());
}
