import type { Clock } from '../../base/clock.ts';
import { checkExpiry, dayOf, type EntryFault, listingFaults, textFault } from '../lists/entry-rules.ts';
import type { AppealCorrection, AppealEntry } from './appeal.ts';

/**
 * What is wrong with a correction of these entries, which are one contributor's; pointers count from the correction.
 * @returns nothing when it can be made
 */
export function correctionFaults(
  correction: AppealCorrection,
  entries: readonly AppealEntry[],
  clock: Clock,
): readonly EntryFault[] {
  const { withdraw = [], reason, expires_on, note, basis } = correction;
  if (withdraw.length === 0 && [reason, expires_on, note, basis].every((given) => given === undefined)) {
    return [{ pointer: '', code: 'required', message: 'must say what is corrected' }];
  }
  const faults: EntryFault[] = withdraw.flatMap((id, at) =>
    entries.some((entry) => entry.id === id)
      ? []
      : [{ pointer: `/withdraw/${at}`, code: 'not_found', message: 'is no entry of yours in this appeal' }],
  );
  const texts = [textFault('/note', note ?? ''), textFault('/basis/ref', basis?.ref ?? '')];
  faults.push(...texts.filter((fault) => fault !== undefined));
  for (const { id, list, scope, kind } of entries) {
    if (list !== 'block' || withdraw.includes(id)) continue;
    if (reason !== undefined) faults.push(...listingFaults({ list, scope, reason }));
    const expiry = expires_on === undefined ? undefined : checkExpiry(kind, expires_on, dayOf(clock.nowMs())).fault;
    if (expiry !== undefined) faults.push(expiry);
  }
  return faults;
}
