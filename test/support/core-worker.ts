import { DeadLetters } from '../../src/applications/push/dead-letters.ts';
import { LateCalls } from '../../src/applications/push/late-calls.ts';
import { type LenderMessage, messagePlace } from '../../src/applications/push/lender-message.ts';
import { Outbox } from '../../src/applications/push/outbox.ts';
import { OutboxOverview } from '../../src/applications/push/outbox-overview.ts';
import { createOutboxWorker, type OutboxWorker } from '../../src/applications/push/outbox-worker.ts';
import type { SealedRecord } from '../../src/applications/sealed-record.ts';
import { systemClock } from '../../src/base/clock.ts';
import { deriveOurKey } from '../../src/trust/our-keys.ts';
import { type CoreAnswer, type FakeCore, type ReceivedPush, startFakeCore } from './fake-core.ts';
import type { TestIntake } from './intake.ts';
import type { TestRedis } from './redis.ts';

export interface ConnectedCore {
  readonly core: FakeCore;
  readonly worker: OutboxWorker;
  /** Sends what waits in the outbox and forgets what has been received so far. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

const OPENING = { purpose: 'lender_push', applicationId: null, actor: null } as const;

/** The way from an intake to lenders' cores, over real HTTP: every lender has the same core, which answers as it is told. */
export async function connectCore(
  redis: TestRedis,
  { deps }: TestIntake,
  answer: (push: ReceivedPush, count: number) => CoreAnswer | Promise<CoreAnswer>,
): Promise<ConnectedCore> {
  const { client, keys } = redis;
  const core = await startFakeCore(answer);
  const { signingKey } = deriveOurKey('a root secret of the test');
  const open = (sealed: string, place: string): unknown => {
    const opened = deps.sealer.openJson(sealed, place, OPENING);
    return opened.ok ? opened.plain : undefined;
  };
  const worker = createOutboxWorker({
    store: deps.store,
    outbox: new Outbox(client, keys),
    dead: new DeadLetters(client, keys),
    overview: new OutboxOverview(client, keys),
    coreOf: () => ({ url: core.url, signingKey }),
    refusedDaysOf: () => 30,
    openRecord: (sealed, id) => open(sealed, id) as SealedRecord | undefined,
    openMessage: (sealed, id, deliveryId) => open(sealed, messagePlace(id, deliveryId)) as LenderMessage | undefined,
    clock: deps.clock,
    realClock: systemClock,
    random: () => 0,
    observer: {
      delivered: () => undefined,
      retried: () => undefined,
      dead: () => undefined,
      failed: () => undefined,
    },
  });
  if (deps.calls instanceof LateCalls) deps.calls.connect(worker);
  return {
    core,
    worker,
    async settle() {
      await worker.drain();
      core.received.length = 0;
    },
    async close() {
      await worker.stop();
      await core.close();
    },
  };
}
