import { type CancelDecision, cancelDecision } from '../applications/lifecycle/cancel.ts';
import type { Application } from '../applications/model.ts';
import { isoOf } from '../base/clock.ts';
import { derivedIdBeside } from '../base/ids.ts';
import type { IntakeDeps } from './intake-deps.ts';
import { type AddressedMessage, sendMessage, writeMessage } from './send-message.ts';

export interface CancelRequest {
  readonly applicationId: string;
  /** Kept in the open: a code or a word, nothing of the person. */
  readonly reason: string;
  /** Kinds of consent that were taken back; absent = it is not about consents. */
  readonly withdrawnConsents?: readonly string[];
  /** Who wants it. */
  readonly by?: 'partner' | 'applicant' | 'operator';
}

export type CancelResult =
  | { readonly kind: 'cancelled'; readonly application: Application; readonly replayed: boolean }
  | { readonly kind: 'illegal'; readonly application: Application; readonly message: string }
  | { readonly kind: 'unknown' };

/**
 * Ends an application here at once, and has its lender told. What was never sent to the lender is not sent any more, this
 * neither: the queue of the application sees to that. Claims end as those of every ended application do.
 */
export async function cancelApplication(
  deps: Pick<IntakeDeps, 'store' | 'sealer' | 'calls' | 'clock' | 'realClock'>,
  { applicationId, reason, withdrawnConsents = [], by = 'partner' }: CancelRequest,
): Promise<CancelResult> {
  const nowMs = deps.clock.nowMs();
  const message: AddressedMessage = {
    kind: 'cancellation',
    deliveryId: derivedIdBeside('dlv', applicationId, 'cancellation'),
    about: {},
    body: { reason, withdrawn_consents: withdrawnConsents, loan_id: null, loan_ref: null, cancelled_at: isoOf(nowMs) },
  };
  const changed = await deps.store.change<CancelDecision>(applicationId, (current) => {
    const decision = cancelDecision(current, { reason, by }, nowMs);
    if (decision.kind !== 'cancelled') return { events: [], result: decision };
    const { application, events } = decision;
    return { application, events, effects: writeMessage(deps, current, message), result: decision };
  });
  if (changed === undefined) return { kind: 'unknown' };
  const { application, result } = changed;
  if (result.kind === 'illegal') return { kind: 'illegal', application, message: result.message };
  if (result.kind === 'cancelled') await sendMessage(deps, application, message, 0);
  return { kind: 'cancelled', application, replayed: result.kind === 'replayed' };
}
