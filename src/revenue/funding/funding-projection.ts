import { businessDay } from '../../base/business-day.ts';
import { msOf } from '../../base/clock.ts';
import { funderParty } from '../../base/ledger-party.ts';
import type { LogEvent } from '../../events/event.ts';
import { isBefore } from '../../events/log.ts';
import type { Projection } from '../../events/projection.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import type { ContractsOf } from '../commission-projection.ts';
import { concerns } from '../concerns.ts';
import type { EventBooker } from '../event-booker.ts';
import type { LedgerStore } from '../ledger-store.ts';
import type { ContractTerms } from '../terms.ts';
import { type FundingStep, fundingStep, NAMES_FUNDER } from './funding-step.ts';
import { FundingStore } from './funding-store.ts';
import { moveLines } from './move-lines.ts';
import type { ReachedKey } from './reached-field.ts';

/** Cursors and parked events are kept under it. */
export const FUNDING_PROJECTION = 'funding';

export interface FundingProjectionDeps {
  readonly client: RedisClient;
  readonly keys: Keyspace;
  readonly store: LedgerStore;
  readonly booker: EventBooker;
  readonly contractsOf: ContractsOf;
  /** Ids of all funders that are loaded. */
  funders(): Iterable<string>;
  /** IANA zone of a product's business day. */
  timeZoneOf(productId: string | null): string;
}

/**
 * Books what every event earns, and takes back, from the funder whose money it is: each exactly once, whoever introduced the
 * applicant, and also where nobody did. A suspended funder goes on owing for what it has lent.
 */
export function createFundingProjection(deps: FundingProjectionDeps): Projection {
  const { booker, contractsOf } = deps;
  const funding = new FundingStore(deps.client, deps.keys);
  const termsOf = (funderId: string): readonly ContractTerms[] => {
    const contracts = contractsOf(funderParty(funderId));
    if (contracts !== undefined) return contracts;
    throw new Error(`funder ${funderId} is not loaded, so nothing is known of its terms; put its file back`);
  };
  const isFollowed = (type: string): boolean =>
    NAMES_FUNDER.has(type) || [...deps.funders()].some((id) => concerns(contractsOf(funderParty(id)) ?? [], type));
  return {
    name: FUNDING_PROJECTION,
    async apply(event: LogEvent): Promise<void> {
      if (event.context === null || !isFollowed(event.type)) return;
      const before = await funding.read(event.shard, event.subject);
      if (before.record !== null && !isBefore(before.record.done, event.position)) return;
      const step = fundingStep(before.record, event);
      if (before.record === null && step.booked.length === 0 && step.reached === null) return;
      if (step.move !== null) await moveLines({ ...deps, termsOf }, event, step.move, step.record.since);
      for (const funderId of step.booked) {
        const contracts = termsOf(funderId);
        if (concerns(contracts, event.type)) await booker.book(funderParty(funderId), event, contracts);
      }
      const record = { ...step.record, done: event.position };
      await funding.write(event.shard, event.subject, before, record, reachedKey(step, event, deps));
    },
  };
}

function reachedKey(
  { reached: step }: FundingStep,
  { context, occurred_at }: LogEvent,
  { timeZoneOf }: FundingProjectionDeps,
): ReachedKey | null {
  if (step === null || context === null) return null;
  const { partner_id, product_id, link_code } = context;
  const month = businessDay(msOf(occurred_at), timeZoneOf(product_id)).slice(0, 'YYYY-MM'.length);
  return { month, step, partner_id, product_id, link_code };
}
