import type { LogEvent } from '../../../src/events/event.ts';
import type { Projection } from '../../../src/events/projection.ts';
import { createCommissionProjection } from '../../../src/revenue/commission-projection.ts';
import { EventBooker } from '../../../src/revenue/event-booker.ts';
import { createFundingProjection } from '../../../src/revenue/funding/funding-projection.ts';
import { FundingStore } from '../../../src/revenue/funding/funding-store.ts';
import { LedgerStore } from '../../../src/revenue/ledger-store.ts';
import { PeriodStore } from '../../../src/revenue/period-store.ts';
import { HoldReleaser } from '../../../src/revenue/release-holds.ts';
import type { ContractTerms } from '../../../src/revenue/terms.ts';
import { TestClock } from '../../support/intake.ts';
import type { TestRedis } from '../../support/redis.ts';
import { terms } from '../../unit/revenue/fixtures.ts';
import type { Desk } from './desk.ts';
import { entriesOf, linesOf } from './desk.ts';

/** Money on both sides: partners and funders with terms of their own, on a real Redis, with a log that can be read again. */
export function createFundingDesk(redis: TestRedis, contracts: Readonly<Record<string, readonly ContractTerms[]>>) {
  const clock = new TestClock('2026-01-10T04:00:00.000Z');
  const contractsOf = (partyId: string) => contracts[partyId];
  const store = new LedgerStore(redis.client, redis.keys);
  const partners = () => Object.keys(contracts);
  const funders = () => partners().flatMap((id) => (id.startsWith('funder:') ? [id.slice('funder:'.length)] : []));
  const timeZoneOf = () => 'Asia/Shanghai';
  /** Both projections, with a memory of their own, as in another process. */
  const worker = (): readonly Projection[] => {
    const own = new LedgerStore(redis.client, redis.keys);
    const booker = new EventBooker(own, clock);
    const { client, keys } = redis;
    return [
      createCommissionProjection({ booker, contractsOf }),
      createFundingProjection({ client, keys, store: own, booker, contractsOf, funders, timeZoneOf }),
    ];
  };
  const projections = worker();
  return {
    redis,
    clock,
    contracts,
    contractsOf,
    store,
    partners,
    worker,
    periods: new PeriodStore(redis.client, redis.keys),
    releaser: new HoldReleaser({ store, clock, contractsOf, partners }),
    funding: new FundingStore(redis.client, redis.keys),
    /** Writes events into the log and applies them. */
    async happen(...events: readonly LogEvent[]): Promise<void> {
      for (const event of events) {
        const { id: _id, shard, position, ...stored } = event;
        await redis.client.xadd(redis.keys.shard(shard, 'log'), position, 'e', JSON.stringify(stored));
        for (const projection of projections) await projection.apply(event);
      }
    },
  };
}
export type FundingDesk = ReturnType<typeof createFundingDesk>;

/** Terms of a funder: paid by itself, under a version and contract of its own. */
export function funderTerms(funderId: string, over: Partial<ContractTerms> = {}): ContractTerms {
  return terms({
    id: `${funderId}-2026`,
    contract: 'funding',
    payer: funderId,
    rules: [
      { id: 'placed', on: 'loan.disbursed', pay: { percent: '2', of: 'principal' } },
      { id: 'share', on: 'installment.paid', pay: { percent: '10', of: 'interest' } },
    ],
    clawback: [{ on: 'loan.cancelled', take: { percent: '100' } }],
    ...over,
  });
}

/** Σ of a ledger's lines that count. */
export async function owedIn(desk: Pick<FundingDesk, 'store'>, partyId: string): Promise<number> {
  const lines = await linesOf(desk as Desk, partyId);
  return lines.filter(({ status }) => status !== 'void').reduce((sum, { amount }) => sum + amount, 0);
}

export const linesIn = (desk: Pick<FundingDesk, 'store'>, partyId: string) => linesOf(desk as Desk, partyId);
export const entriesIn = (desk: Pick<FundingDesk, 'store'>, partyId: string) => entriesOf(desk as Desk, partyId);
