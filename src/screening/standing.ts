import { type Refusal, refusal } from './decision.ts';

/** What the owner of a claim must tell about itself to be judged. */
export interface ClaimedApplication {
  readonly id: string;
  readonly owner_id: string | null;
  readonly status: string;
  /** As it was judged when it came. */
  readonly customer: 'new' | 'returning';
  readonly retry_at: string | null;
  /** An appeal has cleared up what it was refused for. */
  readonly may_reapply?: object;
  readonly lock_until: string | null;
  readonly credit: { readonly status: string; readonly expires_at: string } | null;
  readonly loans: readonly { readonly status: string; readonly disbursed_at: string | null }[];
}

export type Standing =
  /** The claim has ended: whoever comes next may have the subject. */
  | { readonly kind: 'free'; readonly customer: 'new' | 'returning' }
  /** The owner is still being decided about: ask again soon. */
  | { readonly kind: 'undecided' }
  | { readonly kind: 'taken'; readonly refusal: Refusal };

const BEING_DECIDED = new Set(['received', 'submitted', 'verifying', 'in_review']);
const LOAN_OPEN = new Set(['requested', 'in_review', 'needs_input', 'paying_out', 'active', 'overdue', 'written_off']);

/**
 * What a claim means for a partner who asks now. A claim lasts while its application, its credit or its loans are open, and
 * at least until `lock_until`; after a decline the lender's retry date holds for everybody, its bringer included.
 * @param partnerId who asks; null = the lender itself
 * @param revolving whether the product's credit can be drawn again after a loan was paid out
 */
export function standingOf(
  claimed: ClaimedApplication,
  partnerId: string | null,
  revolving: boolean,
  nowMs: number,
): Standing {
  const isOwn = partnerId !== null && claimed.owner_id === partnerId;
  const lockMs = claimed.lock_until === null ? 0 : Date.parse(claimed.lock_until);
  if (claimed.status === 'screening') return { kind: 'undecided' };
  if (claimed.status === 'refused') return { kind: 'free', customer: 'new' };
  if (BEING_DECIDED.has(claimed.status)) return beingDecided(claimed, isOwn, lockMs, nowMs);
  if (claimed.status === 'needs_input') return isOwn ? ownOpen(claimed) : beingDecided(claimed, false, lockMs, nowMs);
  if (claimed.status === 'credit_granted') return granted(claimed, isOwn, revolving, lockMs, nowMs);
  if (claimed.status === 'credit_declined') return declined(claimed, isOwn, lockMs, nowMs);
  return afterEnd(claimed.customer, isOwn, lockMs, nowMs);
}

function ownOpen(claimed: ClaimedApplication): Standing {
  return { kind: 'taken', refusal: refusal('own', { existingApplicationId: claimed.id }) };
}

function beingDecided(claimed: ClaimedApplication, isOwn: boolean, lockMs: number, nowMs: number): Standing {
  // The lender's own applicant has no channel to name: it is simply in progress there.
  if (isOwn || claimed.owner_id === null) {
    return { kind: 'taken', refusal: refusal('in_progress', { existingApplicationId: isOwn ? claimed.id : null }) };
  }
  return otherChannel(lockMs, nowMs);
}

function granted(
  claimed: ClaimedApplication,
  isOwn: boolean,
  revolving: boolean,
  lockMs: number,
  nowMs: number,
): Standing {
  const hasOpenLoan = claimed.loans.some((loan) => LOAN_OPEN.has(loan.status));
  if (hasOpenLoan) return { kind: 'taken', refusal: refusal('existing_customer', { detail: 'has_loan' }) };
  const wasDrawn = claimed.loans.some((loan) => loan.disbursed_at !== null);
  const creditOpen =
    claimed.credit !== null && claimed.credit.status !== 'closed' && Date.parse(claimed.credit.expires_at) > nowMs;
  if (creditOpen && (revolving || !wasDrawn)) {
    return isOwn
      ? ownOpen(claimed)
      : { kind: 'taken', refusal: refusal('existing_customer', { detail: 'has_credit' }) };
  }
  return afterEnd(wasDrawn ? 'returning' : claimed.customer, isOwn, lockMs, nowMs);
}

function declined(claimed: ClaimedApplication, isOwn: boolean, lockMs: number, nowMs: number): Standing {
  const isCleared = claimed.may_reapply !== undefined;
  const retryMs = claimed.retry_at === null || isCleared ? 0 : Date.parse(claimed.retry_at);
  if (retryMs > nowMs) return { kind: 'taken', refusal: refusal('recently_refused', { retryAtMs: retryMs }) };
  return afterEnd(claimed.customer, isOwn, lockMs, nowMs);
}

/**
 * Everything is over, but the subject stays its bringer's until the lock ends. Who came back as a settled customer is one
 * still, whatever became of it this time.
 */
function afterEnd(customer: 'new' | 'returning', isOwn: boolean, lockMs: number, nowMs: number): Standing {
  if (!isOwn && lockMs > nowMs) return otherChannel(lockMs, nowMs);
  return { kind: 'free', customer };
}

function otherChannel(lockMs: number, nowMs: number): Standing {
  return { kind: 'taken', refusal: refusal('other_channel', { retryAtMs: lockMs > nowMs ? lockMs : null }) };
}
