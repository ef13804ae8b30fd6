import type { Application } from '../applications/model.ts';
import { isRevolving } from '../applications/product-as-accepted.ts';
import { mapBounded } from '../base/map-bounded.ts';
import { standingOf } from '../screening/standing.ts';
import type { DataUse } from './data-use.ts';
import {
  claimsOf,
  type FoundApplication,
  type FoundRegistration,
  findSubject,
  type HeldClaim,
  type HeldReservation,
  type SubjectDesk,
  tokensOf,
} from './subject-desk.ts';
import type { WantedSubject } from './wanted-subject.ts';

/** What is held about a person, without any of it. */
export interface SubjectSummary {
  readonly applications: readonly (FoundApplication & {
    readonly isSealed: boolean;
    readonly use: DataUse;
    /** Business time; null while the data is needed. */
    readonly eraseAtMs: number | null;
  })[];
  /** Also of those that are not shown. */
  readonly applicationsTotal: number;
  readonly registrations: readonly FoundRegistration[];
  readonly claims: readonly (HeldClaim & { readonly isLive: boolean })[];
  readonly reservations: readonly HeldReservation[];
  readonly touches: number;
}

/** More than this no person has, and nobody reads. */
const SHOWN_MAX = 200;
const AT_ONCE = 32;

/** Looks up whatever any of the given identifiers leads to; opens nothing. */
export async function searchSubject(desk: SubjectDesk, wanted: WantedSubject): Promise<SubjectSummary> {
  const found = await findSubject(desk, wanted, 'any');
  const tokens = wanted.given.length === 1 ? wanted.tokens : tokensOf(wanted, found);
  const nowMs = desk.clock.nowMs();
  const [{ claims, reservations }, touches, applications] = await Promise.all([
    claimsOf(desk, tokens),
    desk.touches.touchesOf(tokens),
    mapBounded(found.applications.slice(0, SHOWN_MAX), AT_ONCE, async (one) => ({
      ...one,
      isSealed: await desk.store.isSealed(one.application.id),
      use: desk.eraser.useOf(one.application, nowMs),
      eraseAtMs: await desk.retention.dueOf(one.application.id),
    })),
  ]);
  const isOpenEnded = (application: Application): boolean =>
    isRevolving(application, desk.registry().products.get(application.product_id));
  return {
    applications,
    applicationsTotal: found.applications.length,
    registrations: found.registrations,
    claims: claims.map((claim) => ({
      ...claim,
      isLive: standingOf(claim.application, null, isOpenEnded(claim.application), nowMs).kind !== 'free',
    })),
    reservations,
    touches: touches.length,
  };
}
