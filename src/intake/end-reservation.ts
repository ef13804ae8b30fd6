import type { Application } from '../applications/model.ts';
import { isId } from '../base/ids.ts';
import type { IntakeDeps } from './intake-deps.ts';

/**
 * Ends the reservation that a decided application has cited: it has become a claim, or the subject cannot be had. One that
 * is left by a crash ends by time.
 */
export async function endReservation(deps: IntakeDeps, application: Application): Promise<void> {
  const { precheck_id: precheckId, lender_id: lenderId, owner_id: partnerId, subject } = application;
  if (precheckId === null || partnerId === null || !isId('pre', precheckId)) return;
  await Promise.all([
    ...[...subject.claims, ...subject.pointers].map((token) => deps.claims.dropHold(lenderId, token, precheckId)),
    deps.quotas.reservations.close(partnerId, { precheckId, lenderId }),
  ]);
}
