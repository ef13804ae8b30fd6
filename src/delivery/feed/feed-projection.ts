import { DAY_MS } from '../../base/clock.ts';
import { mapBounded } from '../../base/map-bounded.ts';
import type { LogEvent } from '../../events/event.ts';
import type { Projection } from '../../events/projection.ts';
import type { PartnerEvent } from '../../registry/schema/event-names.ts';
import { eventFacts } from './event-facts.ts';
import type { FeedEntry } from './feed-entry.ts';
import { type FeedStore, timeOf } from './feed-store.ts';
import { isPartnerEvent, isTold, type Visibility } from './is-told.ts';

export interface FedPartner {
  readonly status: 'active' | 'suspended' | 'terminated';
  readonly visibility: Visibility;
}

export interface FeedProjectionDeps {
  readonly feed: Pick<FeedStore, 'append'>;
  readonly partners: () => ReadonlyMap<string, FedPartner>;
  /** Days for which feeds keep what they were told. */
  readonly retainDays: number;
  /** Real time. */
  readonly nowMs: () => number;
  /** A partner has something new. */
  readonly appended: (partnerId: string) => void;
}

const PARTNERS_AT_ONCE = 16;

/**
 * Tells each partner what became of its own applications, registrations and loans, and every active one of products. It
 * comes after the projection that books commissions: whoever is told of an event finds what it has earned.
 */
export function createFeedProjection(deps: FeedProjectionDeps): Projection {
  const { feed, appended } = deps;
  return {
    name: 'feed',
    async apply(event) {
      const { type } = event;
      if (!isPartnerEvent(type) || isPast(event, deps)) return;
      await mapBounded(hearersOf(event, deps.partners()), PARTNERS_AT_ONCE, async (partnerId) => {
        if (await feed.append(partnerId, event, entryOf(event, type, partnerId))) appended(partnerId);
      });
    },
  };
}

/** What feeds keep no longer is not told again, which is why marks need not be kept longer either. */
function isPast({ position }: LogEvent, { nowMs, retainDays }: FeedProjectionDeps): boolean {
  return timeOf(position) < nowMs() - retainDays * DAY_MS;
}

function hearersOf({ type, context }: LogEvent, partners: ReadonlyMap<string, FedPartner>): string[] {
  if (type === 'product.updated') {
    return [...partners].flatMap(([id, { status }]) => (status === 'active' ? [id] : []));
  }
  const ownerId = context?.owner_id ?? null;
  if (ownerId === null) return [];
  // Of a partner whose file is gone nobody knows what it may see: that is judged again when it reads.
  const { visibility } = partners.get(ownerId) ?? { visibility: 'full' as const };
  return isTold(type, visibility) ? [ownerId] : [];
}

function entryOf(event: LogEvent, type: PartnerEvent, partnerId: string): FeedEntry {
  const { id, subject, occurred_at, recorded_at, data, context } = event;
  const facts = eventFacts(type, data);
  return {
    id,
    type,
    about: subject,
    occurred_at,
    recorded_at,
    ...(typeof data.loan_id === 'string' ? { loan_id: data.loan_id } : {}),
    ...(context?.partner_id === partnerId ? { earns: true } : {}),
    ...(facts === undefined ? {} : { facts }),
  };
}
