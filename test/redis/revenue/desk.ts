import { sign as cryptoSign, generateKeyPairSync } from 'node:crypto';
import type { EventContext, EventType, LogEvent } from '../../../src/events/event.ts';
import { eventId } from '../../../src/events/event.ts';
import type { Blocker } from '../../../src/revenue/close-outcome.ts';
import { PeriodCloser } from '../../../src/revenue/close-period.ts';
import { createCommissionProjection } from '../../../src/revenue/commission-projection.ts';
import { EventBooker } from '../../../src/revenue/event-booker.ts';
import { LedgerStore } from '../../../src/revenue/ledger-store.ts';
import { PeriodStore } from '../../../src/revenue/period-store.ts';
import { HoldReleaser } from '../../../src/revenue/release-holds.ts';
import type { ContractTerms } from '../../../src/revenue/terms.ts';
import { TestClock } from '../../support/intake.ts';
import type { TestRedis } from '../../support/redis.ts';
import { terms } from '../../unit/revenue/fixtures.ts';

/** The revenue room on a real Redis, with one contract whose rules a test names. */
export function createDesk(redis: TestRedis, over: Partial<ContractTerms> = {}, mode: 'sandbox' | 'live' = 'sandbox') {
  const clock = new TestClock('2026-01-10T04:00:00.000Z');
  const contracts: ContractTerms[] = [terms(over)];
  const contractsOf = (partnerId: string) => (partnerId.startsWith('nobody') ? undefined : contracts);
  const partners = new Set<string>();
  const store = new LedgerStore(redis.client, redis.keys);
  const periods = new PeriodStore(redis.client, redis.keys);
  const releaser = new HoldReleaser({ store, clock, contractsOf, partners: () => partners });
  const blockers: Blocker[] = [];
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'ours' }] };
  const sign = (payload: Uint8Array): string => {
    const header = Buffer.from('{"alg":"EdDSA","kid":"ours"}').toString('base64url');
    const input = `${header}.${Buffer.from(payload).toString('base64url')}`;
    return `${input}.${cryptoSign(null, Buffer.from(input), privateKey).toString('base64url')}`;
  };
  const closer = new PeriodCloser({
    store,
    periods,
    releaser,
    clock,
    mode,
    contractsOf,
    sign,
    blockersOf: async () => blockers,
  });
  /** A projection with a memory of its own, as in another process. */
  const worker = () => {
    const own = new LedgerStore(redis.client, redis.keys);
    return createCommissionProjection({ booker: new EventBooker(own, clock), contractsOf });
  };
  const commission = worker();
  return {
    redis,
    clock,
    contracts,
    contractsOf,
    store,
    periods,
    partners,
    releaser,
    closer,
    commission,
    worker,
    blockers,
    jwks,
    sign,
    arePayoutsHeld: () => false,
  };
}
export type Desk = ReturnType<typeof createDesk>;

let place = 0;

/** An event of partner `partnerId` as the log holds it; occurs and is recorded at `at` (UTC). */
export function logEvent(
  partnerId: string,
  type: EventType,
  at: string,
  data: Record<string, unknown> = {},
  over: { application?: string; recordedAt?: string; context?: Partial<EventContext> } = {},
): LogEvent {
  place += 1;
  const position = `${place}-0`;
  const application = over.application ?? `app_${String(place).padStart(32, '0')}`;
  return {
    id: eventId(0, position),
    shard: 0,
    position,
    type,
    subject: application,
    occurred_at: at,
    recorded_at: over.recordedAt ?? at,
    data,
    context: {
      partner_id: partnerId,
      owner_id: partnerId,
      partner_ref: `ORDER-${place}`,
      lender_ref: null,
      product_id: 'quick-cash',
      lender_id: 'quickcredit',
      funder_id: 'harbour',
      via: 'api',
      link_code: null,
      click_id: null,
      customer: 'new',
      accepted_at: '2026-01-02T04:00:00.000Z',
      applicant_token: `token-${application}`,
      pins: {},
      region: '11',
      grade: null,
      ...over.context,
    },
  };
}

let loans = 0;

/** Data of `loan.disbursed`. */
export function disbursed(principal: number, over: Record<string, unknown> = {}): Record<string, unknown> {
  loans += 1;
  return {
    loan_id: `loan_${String(loans).padStart(32, '0')}`,
    ordinal: 1,
    principal,
    received: principal,
    currency: 'CNY',
    term: 12,
    term_unit: 'month',
    disbursed_at: '2026-01-10T04:00:00.000Z',
    funder_id: 'harbour',
    ...over,
  };
}

/** All entries of a ledger. */
export async function entriesOf(desk: Desk, partnerId: string) {
  const entries = [];
  for await (const entry of desk.store.entries(partnerId)) entries.push(entry);
  return entries;
}

/** All lines of a counterparty, by id. */
export async function linesOf(desk: Desk, partnerId: string) {
  const lines = new Map<string, Awaited<ReturnType<Desk['store']['lines']>>[number]>();
  for await (const line of desk.store.allLines(partnerId)) lines.set(line.id, line);
  return [...lines.values()].sort((a, b) => (a.occurred_at + a.id < b.occurred_at + b.id ? -1 : 1));
}
