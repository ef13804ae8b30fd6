import { type Refusal, refusal } from './decision.ts';
import type { ListVerdict } from './lists/judge-lists.ts';

/** What the lists mean for somebody who wants to apply. */
export interface ListStanding {
  readonly blocked: Refusal | undefined;
  /** Because the lender knows them: `in_progress`, `existing_customer` or `recently_refused`. */
  readonly known: Refusal | undefined;
  /** A customer who has settled comes back. */
  readonly customer: 'new' | 'returning';
}

const NOTHING: ListStanding = { blocked: undefined, known: undefined, customer: 'new' };

/** Turns the verdict of the lists into the reasons of the contract. */
export function standingOnLists({ blocked, customer }: ListVerdict, nowMs: number): ListStanding {
  if (!blocked && customer === null) return NOTHING;
  return {
    blocked: blocked ? refusal('blocked') : undefined,
    known: customer === null ? undefined : refusalOfCustomer(customer, nowMs),
    customer: customer?.status === 'settled' ? 'returning' : 'new',
  };
}

function refusalOfCustomer(
  { status, retryAtMs }: NonNullable<ListVerdict['customer']>,
  nowMs: number,
): Refusal | undefined {
  switch (status) {
    case 'settled':
      return undefined;
    case 'in_progress':
      return refusal('in_progress');
    case 'refused':
      // Once the lender would look again, its refusal keeps nobody out.
      return retryAtMs !== null && retryAtMs <= nowMs ? undefined : refusal('recently_refused', { retryAtMs });
    default:
      return refusal('existing_customer', { detail: status });
  }
}
