import type { Logger } from 'pino';
import { DAY_MS, HOUR_MS, systemClock } from '../base/clock.ts';
import { ChannelDesk } from '../delivery/channels/channel-desk.ts';
import type { DeliveryObserver } from '../delivery/channels/channel-runner.ts';
import { ChannelStore } from '../delivery/channels/channel-store.ts';
import { DeliveryWorker } from '../delivery/channels/delivery-worker.ts';
import type { Destination } from '../delivery/channels/destination.ts';
import type { DeliveryDesk } from '../delivery/delivery-desk.ts';
import type { DeliveryViews } from '../delivery/delivery-views.ts';
import { createFeedProjection } from '../delivery/feed/feed-projection.ts';
import { FeedStore } from '../delivery/feed/feed-store.ts';
import { postbackDestinations } from '../delivery/postbacks/postback-destination.ts';
import { TestSender } from '../delivery/webhooks/test-sender.ts';
import { type WebhookDeps, webhookDestination } from '../delivery/webhooks/webhook-destination.ts';
import type { Projection } from '../events/projection.ts';
import type { Metrics } from '../http/metrics.ts';
import { createOutbound } from '../outbound/create-outbound.ts';
import { type Looker, lookNowAndThen } from '../redis/look-now-and-then.ts';
import type { Registry } from '../registry/registry.ts';
import { callbackSecret } from '../trust/callback-secret.ts';
import { createDeliveryMetrics, type DeliveryMetrics } from './delivery-metrics.ts';
import { createDeliveryViews } from './delivery-views.ts';
import type { Ground, Rooms } from './rooms.ts';

/** Everything by which partners are told of events. */
export interface Delivery {
  /** Comes after the projection that books commissions. */
  readonly projection: Projection;
  readonly worker: DeliveryWorker;
  readonly desk: DeliveryDesk;
  /** Forgets what feeds keep no longer; one process runs it. */
  readonly sweeper: Looker;
}

export interface DeliverySettings {
  readonly ground: Ground;
  readonly rooms: Rooms;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Of all partners that have their endpoints at the same host. */
const CONNECTIONS_PER_HOST = 16;
/** A body that is longer counts as no answer; what it says is not read. */
const ANSWER_MAX_BYTES = 256 * 1024;

/** Composes what tells partners of events; nothing is started yet. */
export function openDelivery({ ground, rooms, logger, metrics }: DeliverySettings): Delivery {
  const { config, redis, registry, ourKeys, failed } = ground;
  const { client, keys } = redis;
  const feed = new FeedStore(client, keys);
  const store = new ChannelStore(client, keys);
  const channels = new ChannelDesk(client, keys);
  const views = createDeliveryViews(ground, rooms);
  const outbound = createOutbound({
    allowLoopback: config.mode === 'sandbox',
    maxBodyBytes: ANSWER_MAX_BYTES,
    connectionsPerHost: CONNECTIONS_PER_HOST,
  });
  const signing = { signingKey: () => ourKeys.current().signingKey.keyObject, realClock: systemClock };
  const destinations = destinationsOf(
    () => registry.current(),
    (current) => allDestinations(current, views, signing),
  );
  const counts = createDeliveryMetrics(metrics, channels, destinations);
  const worker = new DeliveryWorker({
    store,
    feed,
    outbound,
    realClock: systemClock,
    destinations,
    observer: observerOf(logger, counts, failed('telling partners')),
    close: () => outbound.close(),
  });
  const { feedDays } = config.retention;
  const projection = createFeedProjection({
    feed,
    partners: () => registry.current().traffic,
    retainDays: feedDays,
    nowMs: () => systemClock.nowMs(),
    appended: (partnerId) => worker.kick(partnerId),
  });
  const sweep = async (): Promise<void> => {
    const beforeMs = systemClock.nowMs() - feedDays * DAY_MS;
    const { traffic, funders } = registry.current();
    const counterparties = [...traffic.keys(), ...[...funders.keys()].map((id) => `funder:${id}`)];
    for (const id of counterparties) await feed.trim(id, beforeMs);
    for (const place of destinations()) await channels.forget(place, beforeMs);
  };
  return {
    projection,
    worker,
    desk: {
      feed,
      views,
      channels,
      testSender: new TestSender({
        outbound,
        ...signing,
        webhookOf: (partnerId) => webhookOf(registry.current(), partnerId),
      }),
      destinations,
      kick: (partnerId) => worker.kick(partnerId),
    },
    sweeper: lookNowAndThen(sweep, HOUR_MS, failed('feeds')),
  };
}

/** Made anew when the files have changed. */
function destinationsOf(
  current: () => Registry,
  make: (registry: Registry) => readonly Destination[],
): () => readonly Destination[] {
  let made: { readonly registry: Registry; readonly destinations: readonly Destination[] } | undefined;
  return () => {
    const registry = current();
    if (made?.registry !== registry) made = { registry, destinations: make(registry) };
    return made.destinations;
  };
}

function allDestinations(registry: Registry, views: DeliveryViews, signing: Omit<WebhookDeps, 'views'>): Destination[] {
  const told = [...registry.traffic.values()].filter(({ status }) => status !== 'terminated');
  return told.flatMap((partner) => {
    const webhook = webhookOf(registry, partner.id);
    const postbacks = { ...partner, secret: secretOf(registry, partner.id) };
    return [
      ...(webhook === undefined ? [] : [webhookDestination(webhook, { views, ...signing })]),
      ...postbackDestinations(postbacks, { views, realClock: systemClock }),
    ];
  });
}

/** A partner's webhook; undefined where it has none, or its secret is not set. */
function webhookOf(registry: Registry, partnerId: string) {
  const partner = registry.traffic.get(partnerId);
  const secret = secretOf(registry, partnerId);
  if (partner?.callbacks === undefined || secret === null) return undefined;
  const { id, visibility, callbacks } = partner;
  return { id, visibility, callbacks, secret };
}

function secretOf(registry: Registry, partnerId: string): Uint8Array | null {
  const text = registry.callbackSecretOf(partnerId);
  return text === null ? null : callbackSecret(text);
}

/** Hosts and ids are told, never URLs or bodies: a URL may carry a token, a body is the partner's. */
function observerOf(logger: Logger, counts: DeliveryMetrics, failed: (error: unknown) => void): DeliveryObserver {
  return {
    attempted({ partnerId: partner, kind, host }, { id, event, type, attempts, status, error }, outcome, tookMs) {
      counts.count(partner, kind, outcome);
      const fields = { delivery: id, event, type, partner, kind, host, status, error, attempts, ms: tookMs };
      if (outcome === 'delivered') logger.debug(fields, 'partner told');
      else if (outcome === 'failed') logger.info(fields, 'partner not told yet');
      else if (outcome === 'dead') logger.warn(fields, 'telling a partner was given up');
      else logger.warn(fields, 'a partner’s endpoint says that it is gone: nothing more is sent there');
    },
    failed,
  };
}
