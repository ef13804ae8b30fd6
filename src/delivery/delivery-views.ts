import type { FeedEntry } from './feed/feed-entry.ts';

/** A thing as its partner sees it: an application, registration, loan, product, commission or statement. */
export type ThingView = Readonly<Record<string, unknown>>;

/** What postbacks tell beside the event. Texts are empty where there is nothing to tell. */
export interface PostbackFacts {
  readonly clickId: string;
  readonly link: string;
  /** `sub1` … `sub10`. */
  readonly subIds: Readonly<Record<string, string>>;
  readonly applicationId: string;
  readonly partnerRef: string;
  readonly status: string;
  readonly reason: string;
  /** What the event is about, if it is money. */
  readonly amount: Money | null;
}

/** Minor units. */
export interface Money {
  readonly minor: bigint;
  readonly currency: string;
}

/** What something has earned its partner so far, after what was taken back, by currency. */
export type Earned =
  | { readonly kind: 'known'; readonly sums: readonly Money[] }
  /** The event is not booked yet: `waitMs` until it is worth asking again. */
  | { readonly kind: 'later'; readonly waitMs: number };

/** What other rooms know of the things that partners are told about; wired where all rooms are known. */
export interface DeliveryViews {
  /**
   * What each entry is about, as its partner sees it now; no more than its id where it is gone. Read when it is told, so that
   * feeds hold nothing personal, and a late message is not an old one.
   */
  things(partnerId: string, entries: readonly FeedEntry[]): Promise<readonly ThingView[]>;
  postbackFacts(partnerId: string, entry: FeedEntry): Promise<PostbackFacts>;
  earned(partnerId: string, entry: FeedEntry): Promise<Earned>;
  /** Minor units as a decimal of major units with the currency's digits. */
  majorUnits(money: Money): string;
}

/** `data` of an event as it is told: the thing, and under `event` what the event itself says. */
export function eventData(thing: ThingView, { facts }: FeedEntry): ThingView {
  return { ...thing, event: facts ?? {} };
}
