import { businessDayAt } from '../base/business-day.ts';
import type { DayCap } from '../limits/place-store.ts';
import type { RegisteredProduct } from '../registry/registry.ts';
import type { LinkSpec } from '../registry/schema/channels.ts';
import type { Lender } from '../registry/schema/lender.ts';
import { DEFAULT_TIMEZONE } from '../registry/schema/scalars.ts';
import type { TrafficPartner } from '../registry/schema/traffic-partner.ts';
import { type Refusal, refusal } from './decision.ts';

/** A daily cap on accepted applications; `detail` is what a refusal because of it says. */
export interface ApplicationCap extends DayCap {
  readonly detail: 'partner' | 'product' | 'lender';
}

/** Counterparties never change: their successors are other objects, and so are their caps. */
const ofPartner = new WeakMap<TrafficPartner, ApplicationCap>();
const ofProduct = new WeakMap<RegisteredProduct, ApplicationCap>();
const ofLender = new WeakMap<Lender, ApplicationCap>();

/** What a partner may submit a day; its day is that of the default zone, since its file names none. */
export function capOfPartner(partner: TrafficPartner): ApplicationCap {
  return kept(ofPartner, partner, () => ({
    detail: 'partner',
    owner: partner.id,
    name: 'partner',
    limit: partner.limits.applications_per_day,
    zone: DEFAULT_TIMEZONE,
  }));
}

/** What a product takes a day, by its own clock; undefined = any number. */
export function capOfProduct(product: RegisteredProduct): ApplicationCap | undefined {
  const { applications_per_day: limit } = product.caps;
  if (limit === undefined) return undefined;
  return kept(ofProduct, product, () => ({
    detail: 'product',
    owner: product.lender_id,
    name: `product:${product.id}`,
    limit,
    zone: product.timezone,
  }));
}

/** What a lender takes a day over all its products, by the default zone; undefined = any number. */
export function capOfLender(lender: Lender): ApplicationCap | undefined {
  const { applications_per_day: limit } = lender.caps;
  if (limit === undefined) return undefined;
  return kept(ofLender, lender, () => ({
    detail: 'lender',
    owner: lender.id,
    name: 'lender',
    limit,
    zone: DEFAULT_TIMEZONE,
  }));
}

/**
 * What may come through a link a day, by its product's clock; undefined = any number. To the applicant's partner it is a cap
 * of the partner's own: it was the partner who set it.
 */
export function capOfLink(
  partnerId: string,
  code: string,
  { applications_per_day: limit }: LinkSpec['caps'],
  product: Pick<RegisteredProduct, 'timezone'>,
): ApplicationCap | undefined {
  if (limit === undefined) return undefined;
  return { detail: 'partner', owner: partnerId, name: `link:${code}`, limit, zone: product.timezone };
}

function kept<Holder extends object>(
  caps: WeakMap<Holder, ApplicationCap>,
  holder: Holder,
  make: () => ApplicationCap,
): ApplicationCap {
  let cap = caps.get(holder);
  if (cap === undefined) {
    cap = make();
    caps.set(holder, cap);
  }
  return cap;
}

/**
 * The refusal of what is over a cap: `capped`, to be tried again on the cap's next day.
 * @param atMs business time of the day that is full
 */
export function cappedBy(cap: ApplicationCap, atMs: number): Refusal {
  return refusal('capped', { detail: cap.detail, retryAtMs: businessDayAt(atMs, cap.zone).endsAtMs });
}
