import type { Logger } from 'pino';
import { Gauge } from 'prom-client';
import { DAY_MS, systemClock } from '../base/clock.ts';
import type { Metrics } from '../http/metrics.ts';
import { CodeCounts } from '../limits/code-counts.ts';
import { PlaceStore } from '../limits/place-store.ts';
import { capOfPartner } from '../screening/application-caps.ts';
import { AlarmStore } from '../screening/probe-watch/alarm-store.ts';
import { CardWatch } from '../screening/probe-watch/card-watch.ts';
import { CodeWatch } from '../screening/probe-watch/code-watch.ts';
import { ProbeWatch } from '../screening/probe-watch/probe-watch.ts';
import type { WatchObserver } from '../screening/probe-watch/watch-observer.ts';
import { WatchStore } from '../screening/probe-watch/watch-store.ts';
import { deriveKey } from '../trust/derive-key.ts';
import type { Ground } from './rooms.ts';

/** The watch over what partners ask, and the alarms that it has raised. */
export interface Watching {
  readonly probeWatch: ProbeWatch;
  readonly cardWatch: CardWatch;
  readonly codeWatch: CodeWatch;
  readonly alarms: AlarmStore;
}

/** Composes the watch; it is not started yet. */
export function openProbeWatch(
  { redis, registry, secrets, clock, failed }: Ground,
  { logger, metrics }: { readonly logger: Logger; readonly metrics: Metrics },
): Watching {
  const alarms = new AlarmStore(redis.client, redis.keys);
  const places = new PlaceStore(redis.client, redis.keys);
  watchAlarms(metrics, alarms);
  const observer: WatchObserver = {
    raised: ({ id, partnerId, kind }, { window, evidence }) =>
      logger.warn({ alarm: id, partner: partnerId, kind, window, evidence }, 'a partner may be trying identities'),
    ended: ({ id, partnerId, kind }) => logger.info({ alarm: id, partner: partnerId, kind }, 'an alarm has ended'),
    failed: failed('probe watch'),
  };
  const { client, keys } = redis;
  const cardWatch = new CardWatch({ client, keys, alarms, realClock: systemClock, observer });
  const codeWatch = new CodeWatch({
    counts: new CodeCounts(client, keys),
    alarms,
    budget: () => registry.current().operator.otp?.limits.partner_per_day,
    realClock: systemClock,
    observer,
  });
  const probeWatch = new ProbeWatch({
    store: new WatchStore(redis.client, redis.keys),
    alarms,
    tokenKey: deriveKey(secrets.root, 'probe-watch'),
    applicationsOf: async (partnerId) => {
      const partner = registry.current().traffic.get(partnerId);
      if (partner === undefined) return 0;
      const cap = capOfPartner(partner);
      const nowMs = clock.nowMs();
      const counts = await Promise.all([places.count(cap, nowMs), places.count(cap, nowMs - DAY_MS)]);
      return counts[0] + counts[1];
    },
    realClock: systemClock,
    cards: cardWatch,
    codes: codeWatch,
    observer,
  });
  return { probeWatch, cardWatch, codeWatch, alarms };
}

/** Read where all processes keep them, so that any process shows all of them. */
function watchAlarms({ registry }: Metrics, alarms: AlarmStore): void {
  new Gauge({
    name: 'sluice_probe_alarms',
    help: '1 while an alarm about a partner’s questions is on, by partner and kind',
    labelNames: ['partner', 'kind'],
    registers: [registry],
    async collect() {
      const on = await alarms.on().catch(() => undefined);
      // What cannot be read now is left out; the other metrics are still answered.
      this.reset();
      for (const { partnerId: partner, kind } of on ?? []) this.set({ partner, kind }, 1);
    },
  });
}
