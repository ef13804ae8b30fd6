import { mapBounded } from '../base/map-bounded.ts';
import type { Erasure } from './erase-application.ts';
import { claimsOf, findSubject, isLedTo, type SubjectDesk, tokensOf, touchesOfSubject } from './subject-desk.ts';
import type { WantedSubject } from './wanted-subject.ts';

export interface ErasedSubject {
  readonly applications: readonly { readonly id: string; readonly erasure: Erasure }[];
  /** Touches that no longer belong to the person, clicks that no longer know whose they are. */
  readonly touches: number;
  readonly clicks: number;
  readonly reservations: number;
  /** Lenders where a claim is kept, with the application that holds it. */
  readonly claimsKept: readonly { readonly lenderId: string; readonly applicationId: string }[];
  readonly registrationsKept: number;
}

const AT_ONCE = 8;

/**
 * Erases what is held about a person: only what every given identifier leads to. Data that is still needed stays, unless by
 * force; tokens stay for money, claims and lists. Doing it again does what is left to do.
 */
export async function eraseSubject(desk: SubjectDesk, wanted: WantedSubject, force: boolean): Promise<ErasedSubject> {
  const found = await findSubject(desk, wanted, 'all');
  const tokens = tokensOf(wanted, found);
  const applications = await mapBounded(found.applications, AT_ONCE, async ({ application: { id } }) => {
    const erasure = await desk.eraser.erase(id, force);
    return erasure === undefined ? [] : [{ id, erasure }];
  });
  const touches = await touchesOfSubject(desk, wanted, found);
  const named = found.applications.flatMap(({ application: { click_id: id } }) => (id === null ? [] : [id]));
  const clickIds = new Set([...named, ...touches.flatMap(({ kind, id }) => (kind === 'click' ? [id] : []))]);
  // A hand-off that nobody opened is no touch, and forgotten by itself.
  const opened = touches.filter(({ kind }) => kind === 'handoff');
  await mapBounded(opened, AT_ONCE, ({ id }) => desk.handoffs.forget(id));
  // First the click forgets: what carries it to the person's tokens looks there before and after.
  const unbound = await mapBounded([...clickIds], AT_ONCE, (id) => desk.clicks.unbind(id));
  await mapBounded(touches, AT_ONCE, (touch) => desk.touches.unbind(tokens, touch));
  const { claims, reservations: held } = await claimsOf(desk, tokens);
  const reservations = held.filter((one) => isLedTo(wanted, one.tokens));
  await Promise.all(
    reservations.flatMap(({ lenderId, precheckId, tokens: under }) =>
      under.map((token) => desk.claims.dropHold(lenderId, token, precheckId)),
    ),
  );
  return {
    applications: applications.flat(),
    touches: touches.length,
    clicks: unbound.filter(Boolean).length,
    reservations: reservations.length,
    claimsKept: claims.map(({ lenderId, application }) => ({ lenderId, applicationId: application.id })),
    registrationsKept: found.registrations.length,
  };
}
