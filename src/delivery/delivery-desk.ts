import type { ChannelDesk, FoundDelivery } from './channels/channel-desk.ts';
import type { Destination } from './channels/destination.ts';
import type { DeliveryViews } from './delivery-views.ts';
import type { FeedStore } from './feed/feed-store.ts';
import type { TestSender } from './webhooks/test-sender.ts';

/** What those who show feeds and deliveries work with. */
export interface DeliveryDesk {
  readonly feed: FeedStore;
  readonly views: Pick<DeliveryViews, 'things'>;
  readonly channels: ChannelDesk;
  readonly testSender: Pick<TestSender, 'send'>;
  /** Where partners want to be told, as their files say now. */
  destinations(): readonly Destination[];
  /** A partner has something to send at once. */
  kick(partnerId: string): void;
}

/** Where one partner wants to be told. */
export function destinationsOfPartner({ destinations }: DeliveryDesk, partnerId: string): readonly Destination[] {
  return destinations().filter((one) => one.partnerId === partnerId);
}

/** Sends a partner's delivery again, now. @returns as {@link ChannelDesk.redrive}; undefined where there is no such delivery */
export async function redriveDelivery(desk: DeliveryDesk, partnerId: string, id: string, nowMs: number) {
  const found = await desk.channels.find(destinationsOfPartner(desk, partnerId), id);
  const record = found && (await desk.channels.redrive(found, nowMs));
  if (found === undefined || record === undefined) return undefined;
  desk.kick(partnerId);
  return record === 'delivered' ? record : ({ ...found, record } satisfies FoundDelivery);
}
