import type { Application, Credit, Loan } from '../../src/applications/model.ts';
import { createBindTouchesProjection } from '../../src/attribution/bind-touches-projection.ts';
import { ClickStore } from '../../src/attribution/clicks/click-store.ts';
import { HandoffStore } from '../../src/attribution/handoffs/handoff-store.ts';
import { RegistrationStore } from '../../src/attribution/registration-store.ts';
import { TouchStore } from '../../src/attribution/touch-store.ts';
import { DAY_MS, isoOf } from '../../src/base/clock.ts';
import { submitApplication } from '../../src/intake/submit-application.ts';
import { ApplicationEraser } from '../../src/privacy/application-eraser.ts';
import { ClickRetention } from '../../src/privacy/click-retention.ts';
import type { PersonalStore } from '../../src/privacy/personal-store.ts';
import { createRetentionProjection } from '../../src/privacy/retention-projection.ts';
import { RetentionStore } from '../../src/privacy/retention-store.ts';
import { createRetentionSweeper, type RetentionSweeper } from '../../src/privacy/retention-sweeper.ts';
import type { SubjectDesk } from '../../src/privacy/subject-desk.ts';
import { SubjectIndex } from '../../src/privacy/subject-index.ts';
import { createSubjectProjection } from '../../src/privacy/subject-projection.ts';
import { everyEvent } from './every-event.ts';
import { applicationFor, createTestIntake, nextPerson, type TestIntake } from './intake.ts';
import type { TestRedis } from './redis.ts';
import { sampleLoan } from './sample-application.ts';

export interface TestPrivacy {
  readonly intake: TestIntake;
  readonly desk: SubjectDesk;
  readonly sweeper: RetentionSweeper;
  readonly failures: unknown[];
  /** Applies every event so far, as the projections do. */
  project(): Promise<void>;
  /** An application of a fresh person, or of this one. */
  apply(change?: {
    readonly ref?: string;
    readonly person?: ReturnType<typeof nextPerson>;
    readonly partner?: string;
  }): Promise<Application>;
  /** Writes a state, as a lender's events would, with the event that tells of it. */
  put(
    id: string,
    change: Partial<Application>,
    type?: 'credit.granted' | 'credit.declined' | 'loan.settled',
  ): Promise<void>;
}

/** The room for personal data on a real Redis with the shipped counterparties. */
export async function createTestPrivacy(redis: TestRedis, others: readonly PersonalStore[] = []): Promise<TestPrivacy> {
  const { client, keys } = redis;
  const intake = await createTestIntake(redis);
  const { store, claims, tokenizer, sealer, clock } = intake.deps;
  const clicks = new ClickStore(client, keys, clock);
  const touches = new TouchStore(client, keys);
  const registrations = new RegistrationStore(client, keys);
  const retention = new RetentionStore(client, keys);
  const index = new SubjectIndex(client, keys);
  const isRevolving = (id: string): boolean => intake.registry.products.get(id)?.kind === 'revolving';
  const days = { refusedDays: 30, closedDays: 1095 };
  const eraser = new ApplicationEraser({ client, keys, store, retention, others, isRevolving, days, clock });
  const failures: unknown[] = [];
  const sweeper = createRetentionSweeper({
    retention,
    eraser,
    clicks: new ClickRetention({ client, keys, clicks, touches, lifetimeMs: 400 * DAY_MS }),
    clock,
    share: { index: 1, count: 1 },
    onError: (error) => void failures.push(error),
  });
  const projections = [
    createBindTouchesProjection(touches, clicks),
    createRetentionProjection(eraser),
    createSubjectProjection({ index, store, registrations }),
  ];
  let references = 0;
  return {
    intake,
    desk: {
      client,
      keys,
      registry: () => intake.registry,
      store,
      registrations,
      claims,
      touches,
      clicks,
      handoffs: new HandoffStore(client, keys),
      index,
      retention,
      eraser,
      others,
      tokenizer,
      sealer,
      clock,
      isRealTime: false,
    },
    sweeper,
    failures,
    async project() {
      for (const event of await everyEvent(client, keys)) {
        for (const projection of projections) await projection.apply(event);
      }
    },
    async apply({ ref, person = nextPerson(), partner = 'acme' } = {}) {
      references += 1;
      const input = applicationFor(intake.registry, person, ref ?? `PRIV-${references}`);
      const submitted = await submitApplication(
        intake.deps,
        { partner: intake.partner(partner), origin: 'partner' },
        { ...input, partner_user_ref: `U-${references}` },
      );
      if (submitted.kind !== 'answered') throw new Error(submitted.kind);
      return submitted.application;
    },
    async put(id, change, type) {
      await store.change(id, (application) => ({
        application: { ...application, ...change },
        events: [{ type: type ?? 'application.noted', occurred_at: isoOf(clock.nowMs()), data: {} }],
        result: null,
      }));
    },
  };
}

/** A credit that is open for a year. */
export function openCredit(nowMs: number, change: Partial<Credit> = {}): Credit {
  return {
    status: 'active',
    amount: 1_000_000,
    min: null,
    step: null,
    currency: 'CNY',
    terms: null,
    term_unit: 'month',
    pricing: null,
    apr: '0.18',
    expires_at: isoOf(nowMs + 365 * DAY_MS),
    grade: null,
    funder_id: null,
    ...change,
  };
}

/** A loan that was paid out at an instant. */
export function paidOutLoan(applicationId: string, at: string, change: Partial<Loan> = {}): Loan {
  return sampleLoan(applicationId, 'L', { status: 'active', disbursed_at: at, ordinal: 1, ...change });
}
