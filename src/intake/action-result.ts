import { findAction } from '../applications/lifecycle/actions.ts';
import type { Application } from '../applications/model.ts';
import type { SentNow } from '../applications/push/lender-calls.ts';
import type { InputFault, IntakeDeps } from './intake-deps.ts';

/** What has come of something that an applicant did. */
export type ActionResult =
  /** `pending`: the lender has not answered yet; the outbox goes on. `replayed`: it was done before. */
  | {
      readonly kind: 'done';
      readonly status: 'accepted' | 'pending';
      readonly application: Application;
      readonly actionId: string | null;
      readonly replayed: boolean;
    }
  | { readonly kind: 'faults'; readonly faults: readonly InputFault[] }
  | { readonly kind: 'expired' }
  | { readonly kind: 'completed' }
  /** The application does not take this any more. */
  | { readonly kind: 'illegal'; readonly message: string }
  /** `limit`: what there were as many of as there may be. */
  | { readonly kind: 'too_many'; readonly limit: string }
  /** The lender does not take it, and says why. `triesLeft`: as it says, for a code. */
  | {
      readonly kind: 'refused';
      readonly reason: string;
      readonly detail: string | null;
      readonly triesLeft: number | null;
    }
  /** The lender cannot be asked now, and what was to be asked cannot wait. */
  | { readonly kind: 'unavailable' };

/** What the answer to a message that may wait comes to. */
export async function resultOfSending(
  { store }: Pick<IntakeDeps, 'store'>,
  application: Application,
  actionId: string | null,
  sent: SentNow,
  replayed = false,
): Promise<ActionResult> {
  if (sent.kind === 'answered' && sent.answer.result === 'rejected') return refusedBy(sent);
  const after = (await store.load(application.id))?.application ?? application;
  const done = { kind: 'done', application: after, actionId, replayed } as const;
  if (sent.kind === 'answered') return { ...done, status: 'accepted' };
  if (sent.kind !== 'gone') return { ...done, status: 'pending' };
  // Somebody else has sent it and written down what came of it.
  const isOpenAgain = actionId !== null && findAction(after, actionId)?.answered_at === undefined;
  if (isOpenAgain) return { kind: 'refused', reason: 'lender_rejected', detail: null, triesLeft: null };
  return { ...done, status: 'accepted' };
}

export function refusedBy({ answer }: Extract<SentNow, { readonly kind: 'answered' }>): ActionResult {
  const { reason, detail, tries_left: left } = answer;
  return { kind: 'refused', reason: reason ?? 'lender_rejected', detail: detail ?? null, triesLeft: left ?? null };
}
