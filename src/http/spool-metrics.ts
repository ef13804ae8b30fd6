import { Counter, Gauge, type Registry } from 'prom-client';

/** Clicks that were answered while Redis was away. */
export interface SpoolSources {
  /** What lies on disk, of all processes that share the folder; times in epoch ms. */
  status(): Promise<{ readonly bytes: number; readonly oldestAtMs: number | null }>;
  /** What this process did since its start. */
  counts(): { readonly kept: Readonly<Record<string, number>>; readonly replayed: number; readonly damaged: number };
}

/** Gauges of the spool and counters of what went through it, read when metrics are asked for. */
export function watchSpool(registry: Registry, { status, counts }: SpoolSources): void {
  gauge('sluice_click_spool_bytes', 'Bytes of clicks on disk that wait for Redis', ({ bytes }) => bytes);
  gauge(
    'sluice_click_spool_oldest_seconds',
    'Age of the oldest click on disk that waits for Redis, 0 = none',
    (spool) => (spool.oldestAtMs === null ? 0 : Math.max(0, Date.now() - spool.oldestAtMs) / 1_000),
  );
  new Counter({
    name: 'sluice_clicks_away_total',
    help: 'Clicks answered while Redis was away, by how they were kept: kept (on disk), full, failed, slow (in their ids only)',
    labelNames: ['outcome'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [outcome, count] of Object.entries(counts().kept)) this.inc({ outcome }, count);
    },
  });
  counter('sluice_clicks_replayed_total', 'Clicks recorded out of the spool', () => counts().replayed);
  counter('sluice_clicks_damaged_total', 'Records of the spool that were set aside', () => counts().damaged);

  function gauge(name: string, help: string, figureOf: (spool: Awaited<ReturnType<typeof status>>) => number): void {
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        try {
          this.set(figureOf(await status()));
        } catch {
          // A folder that cannot be read is shown as not a number; the other metrics are still answered.
          this.set(Number.NaN);
        }
      },
    });
  }

  function counter(name: string, help: string, read: () => number): void {
    new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }
}
