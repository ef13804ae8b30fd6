import { randomBytes } from 'node:crypto';
import { createBindTouchesProjection } from '../../src/attribution/bind-touches-projection.ts';
import { Visitors } from '../../src/attribution/clicks/visitors.ts';
import { HandoffStore } from '../../src/attribution/handoffs/handoff-store.ts';
import { LinkStore } from '../../src/attribution/link-store.ts';
import { RegistrationStore } from '../../src/attribution/registration-store.ts';
import { TouchStore } from '../../src/attribution/touch-store.ts';
import { SHARD_COUNT } from '../../src/base/ids.ts';
import { sandboxOtp } from '../../src/doors/referral/otp-port.ts';
import type { ReferralDeps } from '../../src/doors/referral/referral-deps.ts';
import type { LogEvent } from '../../src/events/event.ts';
import { readLog } from '../../src/events/log.ts';
import { PageCounter } from '../../src/insight/pages/page-counter.ts';
import { PageLoads } from '../../src/insight/pages/page-loads.ts';
import type { ReportDeps } from '../../src/intake/attribute-at-lender.ts';
import { returnName } from '../../src/intake/return-from-handoff.ts';
import { createTestAway } from './away-clicks.ts';
import { createTestIntake, type TestIntake } from './intake.ts';
import type { TestRedis } from './redis.ts';
import { tinyDeps } from './tiny-door.ts';

const RETURN_KEY = randomBytes(32);
/** What partners of these tests share with us for callbacks. */
export const CALLBACK_SECRET = Buffer.from('a callback secret of the tests');

export interface TestReferral {
  readonly intake: TestIntake;
  readonly deps: ReferralDeps;
  readonly reports: ReportDeps;
  /** Every event of every shard, shard by shard. */
  events(): Promise<LogEvent[]>;
  /** Applies every `click.bound` so far, as the projection does. */
  project(): Promise<void>;
}

/** Links, clicks, pages and reports on a real Redis with the shipped counterparties. */
export async function createTestReferral(redis: TestRedis): Promise<TestReferral> {
  const intake = await createTestIntake(redis);
  const { clock } = intake;
  const { clicks, guarded, spool } = createTestAway(redis, clock);
  const touches = new TouchStore(redis.client, redis.keys);
  const deps: ReferralDeps = {
    ...tinyDeps(),
    click: {
      registry: intake.deps.registry,
      links: new LinkStore(redis.client, redis.keys),
      clicks: guarded,
      clicksAway: spool,
      visitors: new Visitors(randomBytes(32), clock),
      pauses: intake.deps.pauses,
      linkCaps: { isFull: () => false },
      isDataCentre: () => false,
      clickRecorded: () => undefined,
      clock,
    },
    page: { ...intake.deps, clicks },
    pages: {
      loads: new PageLoads(randomBytes(32)),
      counter: new PageCounter({ client: redis.client, keys: redis.keys, clock, timeZoneOf: () => 'Asia/Shanghai' }),
    },
    handoffs: {
      ...intake.deps,
      handoffs: new HandoffStore(redis.client, redis.keys),
      environment: 'sandbox',
      touches,
      returnKey: RETURN_KEY,
      returnAddress: (id) => `http://127.0.0.1/h/back/${returnName(RETURN_KEY, id)}`,
      callbackSecretOf: () => CALLBACK_SECRET,
      nowSeconds: () => 1_767_225_600,
    },
    otp: sandboxOtp,
    documentFiles: null,
    sealer: intake.deps.sealer,
  };
  const reports: ReportDeps = {
    ...intake.deps,
    clicks,
    touches,
    registrations: new RegistrationStore(redis.client, redis.keys),
    handoffs: new HandoffStore(redis.client, redis.keys),
  };
  const events = async (): Promise<LogEvent[]> => {
    const shards = Array.from({ length: SHARD_COUNT }, (_, shard) => shard);
    const logs = await Promise.all(shards.map((shard) => readLog(redis.client, redis.keys, shard, '0-0', 10_000)));
    return logs.flat();
  };
  const projection = createBindTouchesProjection(touches, clicks);
  const project = async (): Promise<void> => {
    for (const event of await events()) await projection.apply(event);
  };
  return { intake, deps, reports, events, project };
}
