import { eventOfHeld } from '../applications/lifecycle/held-event.ts';
import { rememberedEvent } from './lender-event-ids.ts';
import type { LenderEventDeps, Remembered } from './lender-inbox.ts';

/** What an event of a lender has come to. */
export interface FoundLenderEvent {
  readonly id: string;
  readonly applicationId: string;
  /** `rejected`: it was held, and what it waited for did not come. */
  readonly remembered: Remembered;
  /** How long it still waits, RFC 3339; absent = it is not held. */
  readonly until?: string;
}

/** What one event id of a lender was answered, as it stands now; undefined when it was never taken in. */
export async function findLenderEvent(
  { store }: Pick<LenderEventDeps, 'store'>,
  lender: { readonly id: string },
  id: string,
): Promise<FoundLenderEvent | undefined> {
  const note = await store.eventIds.find(lender.id, id);
  if (note === undefined) return undefined;
  const { applicationId } = note;
  const found = await rememberedEvent(store, lender.id, applicationId, id);
  if (found === undefined) return undefined;
  const { remembered, application } = found;
  const held = remembered.result === 'held' ? application.held.find((one) => eventOfHeld(one).id === id) : undefined;
  return { id, applicationId, remembered, ...(held === undefined ? {} : { until: held.until }) };
}
