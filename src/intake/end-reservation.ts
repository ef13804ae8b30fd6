import type { Application } from '../applications/model.ts';
import { isId } from '../base/ids.ts';
import type { IntakeDeps } from './intake-deps.ts';

/**
 * Ends the reservation that a decided application has cited: it has become a claim, or the subject cannot be had. One of
 * somebody else, or of another person, is not touched. One that is left by a crash ends by time.
 */
export async function endReservation(deps: IntakeDeps, application: Application): Promise<void> {
  const { precheck_id: precheckId, precheck_live: isLive, lender_id: lenderId, owner_id: partnerId } = application;
  if (precheckId === null || partnerId === null || isLive !== true) return;
  const { subject } = application;
  const reserved = (await deps.quotas.reservations.reserved(partnerId, precheckId)).get(lenderId) ?? [];
  const tokens = new Set([...reserved, ...subject.claims, ...subject.pointers]);
  await dropReserved(deps, partnerId, precheckId, lenderId, [...tokens]);
}

/**
 * Gives back whatever a partner's precheck has reserved, at every lender. Nothing happens when that is over, or the precheck
 * is somebody else's.
 */
export async function releaseReservation(deps: IntakeDeps, partnerId: string, precheckId: string): Promise<void> {
  if (!isId('pre', precheckId)) return;
  const reserved = await deps.quotas.reservations.reserved(partnerId, precheckId);
  await Promise.all(
    [...reserved].map(([lenderId, tokens]) => dropReserved(deps, partnerId, precheckId, lenderId, tokens)),
  );
}

/** The count comes last: while it stands, what is reserved can be found. */
async function dropReserved(
  { claims, quotas }: IntakeDeps,
  partnerId: string,
  precheckId: string,
  lenderId: string,
  tokens: readonly string[],
): Promise<void> {
  await Promise.all(tokens.map((token) => claims.dropHold(lenderId, token, precheckId)));
  await quotas.reservations.close(partnerId, { precheckId, lenderId });
}
