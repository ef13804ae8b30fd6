import { Counter, Gauge } from 'prom-client';
import { mapBounded } from '../base/map-bounded.ts';
import type { ChannelDesk, ChannelOverview } from '../delivery/channels/channel-desk.ts';
import type { Destination } from '../delivery/channels/destination.ts';
import type { AttemptOutcome } from '../delivery/channels/settlements-of.ts';
import type { Metrics } from '../http/metrics.ts';

const CHANNELS_AT_ONCE = 32;
const SECOND_MS = 1_000;

export interface DeliveryMetrics {
  /** Counts one attempt to tell a partner something. */
  count(partner: string, kind: Destination['kind'], outcome: AttemptOutcome): void;
}

/** Attempts by what came of them, and for every channel what waits and since when. Partner ids are no secret. */
export function createDeliveryMetrics(
  { registry }: Metrics,
  desk: Pick<ChannelDesk, 'overview'>,
  destinations: () => readonly Destination[],
): DeliveryMetrics {
  const attempts = new Counter({
    name: 'sluice_callback_attempts_total',
    help: 'Attempts to tell partners of events, by partner, kind and outcome (delivered, failed, dead, gone)',
    labelNames: ['partner', 'kind', 'outcome'],
    registers: [registry],
  });
  let reading: Promise<(readonly [Destination, ChannelOverview])[]> | undefined;
  // All gauges are collected at the same time: they share what is read.
  const read = () => {
    reading ??= mapBounded(destinations(), CHANNELS_AT_ONCE, async (one) => [one, await desk.overview(one)] as const)
      .catch(() => [])
      .finally(() => {
        reading = undefined;
      });
    return reading;
  };
  const gauge = (name: string, help: string, figureOf: (overview: ChannelOverview) => number): void => {
    new Gauge({
      name,
      help,
      labelNames: ['partner', 'channel'],
      registers: [registry],
      async collect() {
        this.reset();
        for (const [{ partnerId: partner, name: channel }, overview] of await read()) {
          this.set({ partner, channel }, figureOf(overview));
        }
      },
    });
  };
  gauge('sluice_callback_pending', 'Deliveries to a partner that wait for another attempt', ({ pending }) => pending);
  gauge(
    'sluice_callback_backlog',
    'Events of a partner’s feed that a channel has not come to, up to 1000',
    ({ backlog }) => backlog,
  );
  gauge(
    'sluice_callback_oldest_seconds',
    'Age of the oldest event that waits to be told to a partner, 0 = none',
    ({ oldestMs }) => (oldestMs === null ? 0 : Math.max(0, Date.now() - oldestMs) / SECOND_MS),
  );
  gauge('sluice_callback_disabled', 'Whether a channel is switched off', ({ disabledMs }) =>
    disabledMs === null ? 0 : 1,
  );
  return { count: (partner, kind, outcome) => attempts.inc({ partner, kind, outcome }) };
}
