import { Gauge } from 'prom-client';
import { MINUTE_MS } from '../base/clock.ts';
import type { Projection } from '../events/projection.ts';
import type { Metrics } from '../http/metrics.ts';
import { createOverdueProjection } from '../intake/overdue/overdue-projection.ts';
import { createOverdueSweeper, type OverdueSweeper } from '../intake/overdue/overdue-sweeper.ts';
import { OverdueTimes } from '../intake/overdue/overdue-times.ts';
import { createAffectedApplications } from '../intake/tell-may-reapply.ts';
import { AppealDesk } from '../screening/appeals/appeal-desk.ts';
import { AppealStore } from '../screening/appeals/appeal-store.ts';
import { type AppealSweeper, createAppealSweeper } from '../screening/appeals/appeal-sweeper.ts';
import type { ListStore } from '../screening/lists/list-store.ts';
import { createListSweeper, type ListSweeper } from '../screening/lists/list-sweeper.ts';
import type { Ground, Rooms } from './rooms.ts';

/** What lists and appeals do behind the doors; nothing is started yet. */
export interface ListWork {
  readonly appeals: AppealDesk;
  readonly appealSweeper: AppealSweeper;
  readonly overdueSweeper: OverdueSweeper;
  readonly listSweeper: ListSweeper;
  readonly projections: readonly Projection[];
}

export interface ListWorkSettings {
  readonly ground: Ground;
  readonly rooms: Rooms;
  readonly metrics: Metrics;
  /** Applications and registrations by the tokens of their person. */
  readonly findByTokens: (tokens: readonly string[]) => Promise<ReadonlySet<string>>;
}

/** Counts are read for everybody who asks for metrics within this time together. */
const COUNTED_FOR_MS = MINUTE_MS;

export function openListWork({ ground, rooms, metrics, findByTokens }: ListWorkSettings): ListWork {
  const { redis, clock, config, failed } = ground;
  const { client, keys } = redis;
  const { lists, listHits: hits, autoHolds: holds, store, audit } = rooms;
  const { parts } = lists;
  const registry = () => ground.registry.current();
  const appeals = new AppealDesk({
    parts,
    holds,
    appeals: new AppealStore(client, keys, clock),
    affected: createAffectedApplications({ registry, store, lists, hits, findByTokens, clock }),
    audit,
    clock,
  });
  const times = new OverdueTimes(client, keys);
  const overdue = { registry, store, parts, holds, clock, times };
  watchCounts(metrics, lists);
  return {
    appeals,
    appealSweeper: createAppealSweeper({ desk: appeals, clock, onError: failed('appeals') }),
    overdueSweeper: createOverdueSweeper({ ...overdue, share: config.process, onError: failed('overdue entries') }),
    listSweeper: createListSweeper(parts, failed('list sweep')),
    projections: [createOverdueProjection(overdue)],
  };
}

function watchCounts({ registry }: Metrics, lists: ListStore): void {
  let counted: ReturnType<ListStore['count']> | undefined;
  let countedAt = Number.NEGATIVE_INFINITY;
  new Gauge({
    name: 'sluice_list_entries',
    help: 'Entries on the shared lists by list, scope and kind; expired ones until they are swept',
    labelNames: ['list', 'scope', 'kind'],
    registers: [registry],
    async collect() {
      if (performance.now() - countedAt > COUNTED_FOR_MS) {
        countedAt = performance.now();
        counted = lists.count();
      }
      this.reset();
      try {
        for (const { list, scope, kind, entries } of (await counted) ?? []) this.inc({ list, scope, kind }, entries);
      } catch {
        // What cannot be read now is not shown, and read again the next time.
        countedAt = Number.NEGATIVE_INFINITY;
      }
    },
  });
}
