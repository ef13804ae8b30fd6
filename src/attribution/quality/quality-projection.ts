import { DAY_MS, HOUR_MS, msOf } from '../../base/clock.ts';
import type { LogEvent } from '../../events/event.ts';
import type { Projection } from '../../events/projection.ts';
import type { Click } from '../clicks/click.ts';
import type { ClickStore } from '../clicks/click-store.ts';
import type { DirtyLinks } from './dirty-links.ts';
import { localHour } from './local-hour.ts';
import { isBehind } from './quality-clicks.ts';
import { applyClassOf, RING_DAYS, SLOTS } from './traffic-day.ts';
import type { TrafficStore } from './traffic-store.ts';
import { ALL_LINKS, TrafficTally } from './traffic-tally.ts';

export interface QualityProjectionDeps {
  readonly store: Pick<TrafficStore, 'markOf' | 'add' | 'noteReported'>;
  readonly clicks: Pick<ClickStore, 'load'>;
  readonly dirty: Pick<DirtyLinks, 'add'>;
  readonly timeZoneOf: (productId: string | null) => string;
}

/** Refusals for what the applicant is; others are the product's or the lender's doing, or a person's who came before. */
const OF_THE_APPLICANT: ReadonlySet<unknown> = new Set(['ineligible', 'blocked', 'recently_refused']);

/** What an event says of the traffic that it came from. */
interface Outcome {
  readonly isApplication: boolean;
  readonly isRegistration: boolean;
  readonly isRejected: boolean;
}

const REJECTED: Outcome = { isApplication: false, isRegistration: false, isRejected: true };

/** Counts what became of the people behind clicks, for judging the clicks by it. */
export function createQualityProjection(deps: QualityProjectionDeps): Projection {
  return {
    name: 'quality',
    async apply(event) {
      const outcome = outcomeOf(event);
      if (outcome === undefined) return;
      const clickId = event.context?.click_id ?? null;
      const click = clickId === null ? undefined : await deps.clicks.load(clickId);
      // A click that earned nothing, being too young say, is one all the same: it is asked before the verdict.
      const partnerId = click?.partner_id ?? event.context?.owner_id ?? null;
      const linkCode = click?.link_code ?? event.context?.link_code ?? null;
      if (partnerId === null || linkCode === null) return;
      await count(deps, event, { outcome, click, partnerId, linkCode });
    },
  };
}

/** An application is received, or refused without having been; either happens once. */
function outcomeOf({ type, data }: LogEvent): Outcome | undefined {
  switch (type) {
    case 'application.received':
      return { isApplication: true, isRegistration: false, isRejected: false };
    case 'application.refused':
      return { isApplication: true, isRegistration: false, isRejected: OF_THE_APPLICANT.has(data.reason) };
    case 'applicant.registered':
      return { isApplication: false, isRegistration: true, isRejected: false };
    case 'credit.declined':
      return REJECTED;
    default:
      return undefined;
  }
}

interface Arrived {
  readonly outcome: Outcome;
  readonly click: Click | undefined;
  readonly partnerId: string;
  readonly linkCode: string;
}

async function count(deps: QualityProjectionDeps, event: LogEvent, arrived: Arrived): Promise<void> {
  const { partnerId, linkCode } = arrived;
  const source = `log:${event.shard}`;
  let mark = await deps.store.markOf(partnerId, source);
  const zone = deps.timeZoneOf(event.context?.product_id ?? null);
  while (isBehind(event.position, mark)) {
    const tally = tallyOf(event, arrived, zone);
    await deps.dirty.add(partnerId, [linkCode]);
    const found = await deps.store.add(partnerId, tally, { source, mark, next: event.position });
    if (found === undefined) break;
    mark = found;
  }
  const { lender_id: lenderId, product_id: productId } = event.context ?? {};
  const isArrival = arrived.outcome.isApplication || arrived.outcome.isRegistration;
  if (!isArrival || lenderId === undefined || !productId) return;
  await deps.store.noteReported(lenderId, productId, localHour(msOf(event.recorded_at), zone).day);
}

function tallyOf(event: LogEvent, { outcome, click, linkCode }: Arrived, zone: string): TrafficTally {
  const tally = new TrafficTally();
  const occurredMs = msOf(event.occurred_at);
  const { day } = localHour(occurredMs, zone);
  const isTold = msOf(event.recorded_at) - occurredMs < RING_DAYS * DAY_MS;
  for (const link of isTold ? [linkCode, ALL_LINKS] : []) {
    if (outcome.isRejected) tally.add(link, day, SLOTS.rejected);
    if (outcome.isRegistration) tally.add(link, day, SLOTS.registrations);
    if (outcome.isApplication) tally.add(link, day, SLOTS.applications);
    if (click === undefined) continue;
    const afterMs = Math.max(0, occurredMs - click.at_ms);
    if (outcome.isApplication) tally.add(link, day, SLOTS.times + applyClassOf(afterMs / 1_000));
    const isArrival = outcome.isApplication || outcome.isRegistration;
    if (!isArrival || afterMs >= HOUR_MS || msOf(event.recorded_at) - occurredMs >= HOUR_MS) continue;
    const clicked = localHour(click.at_ms, zone);
    tally.add(link, clicked.day, SLOTS.prompt + clicked.hour);
  }
  return tally;
}
