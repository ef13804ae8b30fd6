import { type Clock, isoOf, MINUTE_MS } from '../../base/clock.ts';
import { ALL_SHARDS } from '../../base/ids.ts';
import { mapBounded } from '../../base/map-bounded.ts';
import type { Projection } from '../../events/projection.ts';
import { lookNowAndThen } from '../../redis/look-now-and-then.ts';
import type { ApplicationStore } from '../store.ts';
import { ReceivableCount } from './count-receivables.ts';
import { countableFrom, monthEnd, monthOf, nextMonth, previousMonth } from './month-end.ts';
import { isOverFor } from './receivable-at.ts';
import type { SnapshotStore } from './snapshot-store.ts';

export interface SnapshotCutterDeps {
  readonly snapshots: SnapshotStore;
  readonly store: Pick<ApplicationStore, 'load'>;
  /** IANA zone of a product's month. */
  readonly timeZoneOf: (productId: string) => string;
  /** Business time. */
  readonly clock: Clock;
  /** Told of a round that failed; Redis being away is not reported. */
  readonly onError?: (error: unknown) => void;
}

/** Cuts the snapshot of each month that has ended: a due source of the clock, and a look now and then. */
export interface SnapshotCutter {
  /** For messages. */
  readonly name: string;
  nextDue(): Promise<number | null>;
  /** Cuts every month that can be counted at `nowMs`. @returns how many were cut */
  runDue(nowMs: number): Promise<number>;
  start(): void;
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = 10 * MINUTE_MS;
const LOADS_AT_ONCE = 64;

/** Remembers whose loans there are to be counted. */
export function createLentProjection(snapshots: SnapshotStore): Projection {
  return {
    name: 'lent',
    async apply(event) {
      if (event.type === 'loan.disbursed' || event.type === 'installment.reversed')
        await snapshots.watch(event.subject);
    },
  };
}

/**
 * What is owed is counted month by month, in order, from the month in which the gateway first looked. A month is counted
 * once; what is told of it later than a day after its end is in the figures of the next.
 */
export function createSnapshotCutter(deps: SnapshotCutterDeps): SnapshotCutter {
  const { snapshots, clock } = deps;
  const nextOf = async (nowMs: number): Promise<string> => {
    const last = await snapshots.lastMonth();
    if (last !== undefined) return nextMonth(last);
    await snapshots.beginAfter(previousMonth(monthOf(nowMs)));
    return nextMonth((await snapshots.lastMonth()) ?? previousMonth(monthOf(nowMs)));
  };
  const runDue = async (nowMs: number): Promise<number> => {
    let cut = 0;
    for (;;) {
      const month = await nextOf(nowMs);
      if (countableFrom(month) > nowMs) return cut;
      await cutMonth(deps, month, nowMs);
      cut += 1;
    }
  };
  return {
    name: 'receivables',
    nextDue: async () => countableFrom(await nextOf(clock.nowMs())),
    runDue,
    ...lookNowAndThen(() => runDue(clock.nowMs()), LOOK_EVERY_MS, deps.onError),
  };
}

async function cutMonth({ snapshots, store, timeZoneOf }: SnapshotCutterDeps, month: string, nowMs: number) {
  const count = new ReceivableCount();
  const over: string[] = [];
  for (const shard of ALL_SHARDS) {
    // A scan may hand an application over twice, and never more than a shard's are kept in mind.
    const seen = new Set<string>();
    for await (const ids of snapshots.watched(shard)) {
      const fresh = ids.filter((id) => !seen.has(id));
      for (const id of fresh) seen.add(id);
      const loaded = await mapBounded(fresh, LOADS_AT_ONCE, (id) => store.load(id));
      for (const one of loaded) {
        if (!one) continue;
        const { application } = one;
        const { day, endsAt } = monthEnd(month, timeZoneOf(application.product_id));
        count.add(application, endsAt, day);
        if (application.loans.every((loan) => isOverFor(loan, endsAt))) over.push(application.id);
      }
    }
  }
  await snapshots.keep({ month, cut_at: isoOf(nowMs), rows: count.rows() });
  await mapBounded(over, LOADS_AT_ONCE, (id) => snapshots.unwatch(id));
}
