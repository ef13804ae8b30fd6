import type { Application } from '../applications/model.ts';
import { msOf } from '../base/clock.ts';
import type { DayCap } from '../limits/place-store.ts';
import type { RegisteredProduct } from '../registry/registry.ts';
import type { TrafficPartner } from '../registry/schema/traffic-partner.ts';
import {
  type ApplicationCap,
  capOfLender,
  capOfLink,
  capOfPartner,
  capOfProduct,
  cappedBy,
} from '../screening/application-caps.ts';
import type { Refusal } from '../screening/decision.ts';
import { findLink } from './find-link.ts';
import type { IntakeDeps } from './intake-deps.ts';

/**
 * Takes an application's places under the daily caps of its partner and its link, its product and its lender. Its own come first:
 * what is over its partner's cap must not even for a moment stand in the way of others. The places count for the day on which the
 * application was made, whoever finishes this step and when. Whatever was taken before a cap turned out to be full is given
 * back with the claims of the refused application.
 * @returns why it is refused, when a cap is full
 */
export async function takePlaces(deps: IntakeDeps, application: Application): Promise<Refusal | undefined> {
  const { places } = deps.quotas;
  const { partner, lender } = await capsOf(deps, application);
  const atMs = msOf(application.created_at);
  for (const [first, second] of [partner, lender]) {
    if (first === undefined) continue;
    const full = await places.take(application.id, second === undefined ? [first] : [first, second], atMs);
    if (full !== undefined) return cappedBy(full === first ? first : (second ?? first), atMs);
  }
  return undefined;
}

/** Gives back whatever places a refused application has. */
export async function givePlacesBack(deps: IntakeDeps, application: Application): Promise<void> {
  const { partner, lender } = await capsOf(deps, application);
  await deps.quotas.places.giveBack(application.id, [...partner, ...lender], msOf(application.created_at));
}

/** Caps by the slot that they lie in. */
async function capsOf(
  deps: IntakeDeps,
  application: Application,
): Promise<Record<'partner' | 'lender', readonly ApplicationCap[]>> {
  const registry = deps.registry();
  const partner = application.owner_id === null ? undefined : registry.traffic.get(application.owner_id);
  const product = registry.products.get(application.product_id);
  const lender = registry.lenders.get(application.lender_id);
  return {
    partner: partner === undefined ? [] : [capOfPartner(partner), await linkCapOf(deps, application)].filter(isCap),
    lender: [product && capOfProduct(product), lender && capOfLender(lender)].filter(isCap),
  };
}

/** The cap of the link that an application is attributed to, when that is its owner's and has one. */
async function linkCapOf(
  deps: IntakeDeps,
  { link_code: code, owner_id: ownerId }: Application,
): Promise<ApplicationCap | undefined> {
  if (code === null) return undefined;
  const target = await findLink(deps.registry(), deps.links, code);
  if (target === undefined || target.partner.id !== ownerId) return undefined;
  return capOfLink(target.partner.id, code, target.caps, target.product);
}

function isCap(cap: ApplicationCap | undefined): cap is ApplicationCap {
  return cap !== undefined;
}

/** Caps that may be full for a question, asked of all its products at once; reads nothing while all are far from it. */
export function fullCaps(
  deps: IntakeDeps,
  partner: TrafficPartner,
  products: readonly RegisteredProduct[],
  nowMs: number,
): ReadonlySet<DayCap> | Promise<ReadonlySet<DayCap>> {
  const caps = new Set<ApplicationCap>([capOfPartner(partner)]);
  for (const product of products) for (const cap of capsOfProduct(deps, product)) caps.add(cap);
  return deps.quotas.places.full([...caps], nowMs);
}

/** The refusal of a question because of what `fullCaps` has found. */
export function cappedNow(
  deps: IntakeDeps,
  partner: TrafficPartner,
  product: RegisteredProduct,
  full: ReadonlySet<DayCap>,
  nowMs: number,
): Refusal | undefined {
  if (full.size === 0) return undefined;
  const cap = [capOfPartner(partner), ...capsOfProduct(deps, product)].find((one) => full.has(one));
  return cap && cappedBy(cap, nowMs);
}

function capsOfProduct(deps: IntakeDeps, product: RegisteredProduct): ApplicationCap[] {
  const lender = deps.registry().lenders.get(product.lender_id);
  return [capOfProduct(product), lender && capOfLender(lender)].filter((cap) => cap !== undefined);
}
