import type { Logger } from 'pino';
import { Gauge } from 'prom-client';
import type { LinkStore } from '../attribution/link-store.ts';
import { BillingBoard } from '../attribution/quality/billing-board.ts';
import { type DirtyLink, DirtyLinks } from '../attribution/quality/dirty-links.ts';
import { FindingStore } from '../attribution/quality/finding-store.ts';
import { QualityClicks } from '../attribution/quality/quality-clicks.ts';
import { QualityDesk } from '../attribution/quality/quality-desk.ts';
import { type JudgedPlace, QualityJudge, type QualityObserver } from '../attribution/quality/quality-judge.ts';
import { RestoreClicks } from '../attribution/quality/restore-clicks.ts';
import { TrafficStore } from '../attribution/quality/traffic-store.ts';
import { businessDay } from '../base/business-day.ts';
import { DAY_MS, MINUTE_MS, systemClock } from '../base/clock.ts';
import type { Metrics } from '../http/metrics.ts';
import type { FunnelReader } from '../insight/funnel-reader.ts';
import { findLink } from '../intake/find-link.ts';
import type { AlarmStore } from '../screening/probe-watch/alarm-store.ts';
import type { Ground } from './ground.ts';

/** What judges the traffic of links. */
export interface TrafficQualityRooms {
  /** Which links' clicks are not billable; started with the workers. */
  readonly billing: BillingBoard;
  readonly quality: {
    readonly traffic: TrafficStore;
    readonly dirty: DirtyLinks;
    readonly findings: FindingStore;
    readonly clicks: QualityClicks;
    readonly desk: QualityDesk;
    /** In one process it is started with the workers. */
    readonly judge: QualityJudge;
    readonly timeZoneOf: (productId: string | null) => string;
  };
}

export interface QualitySettings {
  readonly links: LinkStore;
  readonly funnel: FunnelReader;
  readonly alarms: AlarmStore;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export function openTrafficQuality(ground: Ground, settings: QualitySettings): TrafficQualityRooms {
  const { config, redis, registry, clock, failed } = ground;
  const { client, keys } = redis;
  const traffic = new TrafficStore(client, keys);
  const dirty = new DirtyLinks(client, keys);
  const findings = new FindingStore(client, keys);
  const billing = new BillingBoard({ findings, failed: failed('billing of links') });
  const lifetimeMs = config.retention.clickDays * DAY_MS;
  const timeZoneOf = (productId: string | null): string => {
    const { products, operator } = registry.current();
    return (productId === null ? undefined : products.get(productId)?.timezone) ?? operator.default_timezone;
  };
  const caps = {
    dayOf: (productId: string, atMs: number) => businessDay(atMs, timeZoneOf(productId)),
    async roomOf(partnerId: string, code: string, day: string) {
      const cap = (await findLink(registry.current(), settings.links, code))?.caps.clicks_per_day;
      if (cap === undefined) return Number.POSITIVE_INFINITY;
      const { clicks } = await settings.funnel.read(partnerId, { by: 'link_day', value: code, day });
      return cap - clicks.billable;
    },
  };
  const restores = new RestoreClicks({ client, keys, clock, board: billing, lifetimeMs, caps });
  const placeOf = (place: DirtyLink) => judgedPlace(ground, settings.links, place);
  watchFindings(settings.metrics, findings);
  const judge = new QualityJudge({
    traffic,
    findings,
    dirty,
    board: billing,
    restores,
    placeOf,
    settings: () => registry.current().operator.traffic_quality,
    clock,
    realClock: systemClock,
    observer: observerOf(ground, settings),
  });
  const desk = new QualityDesk({
    findings,
    traffic,
    board: billing,
    judge,
    placeOf,
    partnerOf: async (code) => (await findLink(registry.current(), settings.links, code))?.partner.id,
    clock,
    realClock: systemClock,
  });
  const clicks = new QualityClicks({ store: traffic, dirty, restores, board: billing, timeZoneOf });
  return { billing, quality: { traffic, dirty, findings, clicks, desk, judge, timeZoneOf } };
}

async function judgedPlace(
  { registry }: Ground,
  links: LinkStore,
  { partnerId, linkCode }: DirtyLink,
): Promise<JudgedPlace | undefined> {
  const current = registry.current();
  const partner = current.traffic.get(partnerId);
  if (partner === undefined) return undefined;
  const { click_min_seconds: clickMinSeconds } = partner.attribution;
  if (linkCode === null) {
    return { productId: null, lenderId: null, timeZone: current.operator.default_timezone, clickMinSeconds };
  }
  const target = await findLink(current, links, linkCode);
  if (target?.partner.id !== partnerId) return undefined;
  const { id, lender_id, timezone } = target.product;
  return { productId: id, lenderId: lender_id, timeZone: timezone, clickMinSeconds };
}

/** Operators are told of what is held, by an alarm that is on as long as anything of the partner is. */
function observerOf({ failed }: Ground, { alarms, logger }: QualitySettings): QualityObserver {
  const told = new Map<string, { readonly links: number; readonly atMs: number }>();
  return {
    raised: ({ id, partner_id: partner, link_code: link, code, severity, numbers }) =>
      logger.warn({ finding: id, partner, link, code, severity, numbers }, 'traffic of a link looks like nobody’s'),
    ended: ({ id, partner_id: partner, link_code: link, code }) =>
      logger.info({ finding: id, partner, link, code }, 'a finding about traffic has ended'),
    async held(byPartner) {
      const nowMs = systemClock.nowMs();
      for (const [partnerId, links] of byPartner) {
        const last = told.get(partnerId);
        if (last?.links === links && nowMs - last.atMs < MINUTE_MS) continue;
        const evidence = { links_held: links };
        await alarms.raise(partnerId, { kind: 'traffic_quality', window: '24h', evidence }, nowMs);
        told.set(partnerId, { links, atMs: nowMs });
      }
      for (const alarm of await alarms.on()) {
        if (alarm.kind !== 'traffic_quality' || byPartner.has(alarm.partnerId)) continue;
        await alarms.end(alarm, nowMs);
        told.delete(alarm.partnerId);
      }
    },
    failed: failed('traffic quality'),
  };
}

/** Read where all processes keep them, so that any process shows all of them. */
function watchFindings({ registry }: Metrics, findings: FindingStore): void {
  new Gauge({
    name: 'sluice_quality_findings',
    help: 'Findings about traffic that are on, by partner, code and severity',
    labelNames: ['partner', 'code', 'severity'],
    registers: [registry],
    async collect() {
      const on = await findings.on().catch(() => undefined);
      // What cannot be read now is left out; the other metrics are still answered.
      this.reset();
      for (const { partner_id: partner, code, severity } of on ?? []) this.inc({ partner, code, severity });
    },
  });
}
