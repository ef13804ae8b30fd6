import { daysBetween } from '../../../src/applications/lifecycle/calendar-days.ts';
import type { Application } from '../../../src/applications/model.ts';
import { DeadLetters } from '../../../src/applications/push/dead-letters.ts';
import { OutboxOverview } from '../../../src/applications/push/outbox-overview.ts';
import { ApplicationStore } from '../../../src/applications/store.ts';
import { businessDay } from '../../../src/base/business-day.ts';
import { ALL_SHARDS, shardOfId } from '../../../src/base/ids.ts';
import { mapBounded } from '../../../src/base/map-bounded.ts';
import { dayResult } from '../../../src/doors/lender/daily-totals/day-view.ts';
import { readBacklog } from '../../../src/events/caught-up.ts';
import type { LogEvent } from '../../../src/events/event.ts';
import { TotalsStore } from '../../../src/insight/totals/totals-store.ts';
import { connectRedis, type RedisClient } from '../../../src/redis/connection.ts';
import { createKeyspace, type Keyspace } from '../../../src/redis/keyspace.ts';
import type { CommissionLine } from '../../../src/revenue/commission-line.ts';
import { LedgerStore } from '../../../src/revenue/ledger-store.ts';
import type { StateLine } from '../../../src/sandbox/core/read-states.ts';
import { nextDay } from '../../../src/sandbox/story/terms.ts';
import { everyEvent } from '../every-event.ts';
import { FAULTY_LENDERS, type FaultInstallation } from './fault-installation.ts';

/** What a lender believes of everybody. */
export async function statesOf({ lenders }: FaultInstallation, lenderId: string): Promise<StateLine[]> {
  const found: StateLine[] = [];
  for (let after = ''; ; ) {
    const response = await fetch(`${lenders.coreUrl(lenderId)}/state?limit=500&after=${after}`);
    const text = await response.text();
    const lines = text.split('\n').filter((line) => line !== '');
    found.push(...lines.map((line) => JSON.parse(line) as StateLine));
    const next = response.headers.get('next-after');
    if (next === null) return found;
    after = next;
  }
}

/** What lies in Redis when everything has come to rest, read with patience: tens of thousands of applications take a while. */
export interface Records {
  readonly client: RedisClient;
  readonly keys: Keyspace;
  readonly store: ApplicationStore;
  readonly nowMs: number;
}

export interface Outcome {
  readonly events: readonly LogEvent[];
  readonly applications: ReadonlyMap<string, Application>;
}

const AT_ONCE = 100;

export async function openRecords({ redisUrl, clock }: FaultInstallation): Promise<Records> {
  const patient = { commandTimeout: undefined, socketTimeout: undefined, enableOfflineQueue: true };
  const client = await connectRedis({ url: redisUrl }, patient);
  const keys = createKeyspace('sluice:');
  return { client, keys, store: new ApplicationStore(client, keys, clock), nowMs: clock.nowMs() };
}

/** How far projections are behind the log, all that have ever read it. */
export async function backlogOf({ client, keys }: Pick<Records, 'client' | 'keys'>) {
  const names = await Promise.all(ALL_SHARDS.map((shard) => client.hkeys(keys.shard(shard, 'cursors'))));
  return readBacklog(client, keys, [...new Set(names.flat())]);
}

/** The whole log, and every application that it tells of. */
export async function readOutcome({ client, keys, store }: Records): Promise<Outcome> {
  const events = await everyEvent(client, keys);
  const ids = [...new Set(events.flatMap(({ subject }) => (subject.startsWith('app_') ? [subject] : [])))];
  const loaded = await mapBounded(ids, AT_ONCE, (id) => store.load(id));
  const applications = loaded.flatMap((one) => (one ? [[one.application.id, one.application] as const] : []));
  return { events, applications: new Map(applications) };
}

/** What still waits for lenders, or was given up. */
export async function leftOver({ client, keys }: Records, { applications }: Outcome) {
  const { pending, dead } = await new OutboxOverview(client, keys).count();
  const { deliveries } = await new DeadLetters(client, keys).list({ limit: 20 });
  const messages = await mapBounded([...applications.keys()], AT_ONCE, (id) =>
    client.hlen(keys.shard(shardOfId(id), 'messages', id)),
  );
  return {
    pending,
    dead,
    deadBecause: deliveries.map(({ delivery, error }) => `${delivery.kind} ${delivery.applicationId}: ${error}`),
    sealedMessages: messages.reduce((sum, count) => sum + count, 0),
    parked: (await backlogOf({ client, keys })).parkedSubjects,
  };
}

export interface ComparedDays {
  readonly told: number;
  readonly differing: readonly string[];
}

/** What lenders told of their days against what their events have come to. */
export async function compareDays(
  { client, keys }: Records,
  { registry }: FaultInstallation,
  [firstDay, lastDay]: readonly [string, string],
): Promise<ComparedDays> {
  const totals = new TotalsStore(client, keys);
  const differing: string[] = [];
  let told = 0;
  for (const lenderId of FAULTY_LENDERS) {
    const lender = registry.lenders.get(lenderId);
    let applications = 0;
    for (let day = firstDay; lender && day <= lastDay; day = nextDay(day)) {
      const result = await dayResult(totals, lender, day, await totals.told(lenderId, day));
      if (result.matches === null) continue;
      told += 1;
      // An application whose answer comes after midnight is submitted a day later for us than for its lender.
      const found = result.differences.filter(({ figure }) => figure !== 'applications');
      for (const one of result.differences) if (one.figure === 'applications') applications += one.difference;
      if (found.length > 0) differing.push(`${lenderId} ${day} ${JSON.stringify(found)}`);
    }
    if (applications !== 0) differing.push(`${lenderId} ${applications} applications`);
  }
  return { told, differing };
}

export async function commissionsOf({ client, keys }: Records, partnerId: string): Promise<CommissionLine[]> {
  const lines = new Map<string, CommissionLine>();
  for await (const line of new LedgerStore(client, keys).allLines(partnerId)) lines.set(line.id, line);
  return [...lines.values()];
}

/** Things that happen once only, as far as the log tells one twice. */
export function toldTwiceIn(events: readonly LogEvent[]): string[] {
  const seen = new Set<string>();
  return events.flatMap(({ type, subject, data }) => {
    if (!ONCE.has(type)) return [];
    const told = `${type} ${subject} ${data.loan_id ?? ''} ${data.payment_ref ?? ''}`;
    if (seen.has(told)) return [told];
    seen.add(told);
    return [];
  });
}

const ONCE: ReadonlySet<string> = new Set([
  'application.screening',
  'application.received',
  'application.refused',
  'application.submitted',
  'application.cancelled',
  'credit.granted',
  'credit.declined',
  'loan.requested',
  'loan.disbursed',
  'loan.payout_failed',
  'loan.cancelled',
  'loan.declined',
  'installment.paid',
  'installment.reversed',
]);

/** summit's `earn_days`: calendar days from acceptance, in its zone. */
const SHARED_FOR_DAYS = 365;

function dayOf(instant: string): string {
  return businessDay(Date.parse(instant), 'Asia/Shanghai');
}

/** What the shipped terms of acme and summit pay for, worked out from the log by hand, each thing once. */
export function earningsOf(events: readonly LogEvent[], partnerId: string): string[] {
  const earned = new Set<string>();
  for (const { type, data, context, occurred_at } of events) {
    if (context?.partner_id !== partnerId) continue;
    const age = daysBetween(dayOf(context.accepted_at ?? occurred_at), dayOf(occurred_at));
    const loan = String(data.loan_id);
    if (partnerId === 'acme') {
      if (type === 'credit.granted') earned.add(`cpa ${context.applicant_token}`);
      if (type === 'loan.disbursed') earned.add(`${data.ordinal === 1 ? 'first' : 'again'} ${loan}`);
    } else if (type === 'loan.disbursed') {
      earned.add(`placed ${loan}`);
    }
    const shares = partnerId === 'acme' || age <= SHARED_FOR_DAYS;
    if (type === 'installment.paid' && data.payer === 'borrower' && sharedOf(data) > 0 && shares) {
      earned.add(`${partnerId === 'acme' ? 'rs' : 'share'} ${loan} ${data.payment_ref}`);
    }
  }
  return [...earned].sort();
}

/** Interest and service fees of a payment. */
function sharedOf(data: LogEvent['data']): number {
  const fees = (data.fees ?? []) as readonly { kind: string; amount: number }[];
  const service = fees.filter(({ kind }) => kind === 'service').reduce((sum, { amount }) => sum + amount, 0);
  return Number(data.interest) + service;
}
