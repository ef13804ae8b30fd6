import type { DraftEvent } from '../applications/context.ts';
import type { Application } from '../applications/model.ts';
import type { Change } from '../applications/store.ts';
import { isoOf } from '../base/clock.ts';
import type { DataUse, UseReason } from './data-use.ts';

export type Erasure =
  | { readonly result: 'erased' | 'already_erased' }
  | { readonly result: 'kept'; readonly reason: UseReason };

/**
 * Takes the person out of an application: the sealed record in the same step as the note that it is gone, so that whoever
 * reads the record and writes it again (a drawdown) finds out. What money, claims and lists need stays: references,
 * amounts, tokens.
 * @param force also while the data is needed; what needs it then does without
 */
export function eraseApplication(
  application: Application,
  use: DataUse,
  nowMs: number,
  force: boolean = false,
): Change<Erasure> {
  if (use.state === 'in_use' && !force) return { events: [], result: { result: 'kept', reason: use.why } };
  const effects = [
    { do: 'DEL', key: 'sealed' },
    { do: 'DEL', key: 'messages' },
  ] as const;
  if (application.erased_at !== undefined) return { events: [], effects, result: { result: 'already_erased' } };
  const dropsActions = use.state === 'over' && application.actions !== undefined;
  const at = isoOf(nowMs);
  const erased: Application = {
    ...application,
    // The partner's own words for the person, and an address that may carry more of them.
    partner_user_ref: null,
    return_url: null,
    // What the lender asks of the applicant may address them; one that still runs must go on, though.
    ...(dropsActions ? { actions: [] } : {}),
    erased_at: at,
  };
  const data = { drops_actions: dropsActions };
  const event: DraftEvent = { type: 'application.erased', occurred_at: at, data };
  return { application: erased, events: [event], effects, result: { result: 'erased' } };
}
