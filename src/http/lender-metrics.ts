import { Gauge, type Registry } from 'prom-client';

/** What waits to be sent to lenders' cores, and how they do. Lender ids are no secret; nothing else is a label. */
export interface LenderSources {
  /** By lender; times in epoch ms. */
  outboxes(): Promise<
    ReadonlyMap<string, { readonly waiting: number; readonly oldestMs: number | null; readonly dead: number }>
  >;
  /** What this process finds of the cores it has sent to. */
  breakers(): ReadonlyMap<string, 'closed' | 'open' | 'half_open'>;
}

const BREAKER_VALUES = { closed: 0, half_open: 1, open: 2 } as const;

type Outbox = Awaited<ReturnType<LenderSources['outboxes']>> extends ReadonlyMap<string, infer Value> ? Value : never;

/** Gauges of every lender that was ever sent something; read when metrics are asked for, with one look at the outboxes. */
export function watchLenders(registry: Registry, { outboxes, breakers }: LenderSources): void {
  let reading: ReturnType<LenderSources['outboxes']> | undefined;
  // All gauges are collected at the same time: they share what is read.
  const read = (): ReturnType<LenderSources['outboxes']> => {
    reading ??= outboxes().finally(() => {
      reading = undefined;
    });
    return reading;
  };
  const gauge = (name: string, help: string, figureOf: (outbox: Outbox) => number): void => {
    new Gauge({
      name,
      help,
      labelNames: ['lender'],
      registers: [registry],
      async collect() {
        this.reset();
        try {
          for (const [lender, outbox] of await read()) this.set({ lender }, figureOf(outbox));
        } catch {
          // While they cannot be read no value is shown; the other metrics are still answered.
        }
      },
    });
  };
  gauge('sluice_outbox_waiting', 'Deliveries that wait for a lender, or are being sent', ({ waiting }) => waiting);
  gauge('sluice_outbox_dead', 'Deliveries to a lender that were given up', ({ dead }) => dead);
  gauge('sluice_outbox_oldest_seconds', 'Age of the oldest delivery that waits for a lender, 0 = none', ageOf);
  new Gauge({
    name: 'sluice_lender_breaker',
    help: 'Circuit breaker of a lender’s core in this process: 0 closed, 1 half open, 2 open',
    labelNames: ['lender'],
    registers: [registry],
    collect() {
      for (const [lender, state] of breakers()) this.set({ lender }, BREAKER_VALUES[state]);
    },
  });
}

function ageOf({ oldestMs }: Outbox): number {
  return oldestMs === null ? 0 : Math.max(0, Date.now() - oldestMs) / 1_000;
}
