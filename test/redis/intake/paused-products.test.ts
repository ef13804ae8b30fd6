import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isoOf } from '../../../src/base/clock.ts';
import type { Stop } from '../../../src/catalogue/pause.ts';
import { normaliseSubject } from '../../../src/identity/normalise-subject.ts';
import { precheck } from '../../../src/intake/precheck.ts';
import { submitApplication } from '../../../src/intake/submit-application.ts';
import { applicationFor, createTestIntake, nextPerson, PAID, type TestIntake } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let intake: TestIntake;

beforeAll(async () => {
  redis = await startTestRedis();
  intake = await createTestIntake(redis);
});
afterAll(() => redis.close());

let refs = 0;

/** Reserves for one product, pauses quick-cash, and applies for it citing the reservation. */
async function applyAfter(reservedFor: string, stop: Stop, untilMs: number | null) {
  const person = nextPerson();
  const identity = normaliseSubject({ phone: person.phone, id_number: person.idNumber, name: person.name });
  const product = intake.registry.products.get(reservedFor);
  if (!identity.ok || product === undefined) throw new Error('no question');
  const input = { products: [product], subject: identity.subject, reserve: true };
  const asked = await precheck(intake.deps, intake.partner('acme'), input, PAID);
  expect(asked.answers[0]?.reservedUntil).not.toBeNull();
  const stopped = {
    isQuiet: false,
    stopOf: (id: string, what: Stop) => {
      return id === 'quick-cash' && what === stop ? { untilMs } : undefined;
    },
  };
  refs += 1;
  const result = await submitApplication(
    { ...intake.deps, pauses: stopped },
    { partner: intake.partner('acme'), origin: 'partner' },
    { ...applicationFor(intake.registry, person, `PAUSED-${refs}`), precheck_id: asked.id },
  );
  if (result.kind !== 'answered') throw new Error(result.kind);
  return result.application;
}

describe('an application for a product that is paused for new ones', () => {
  test('is taken when it cites a live reservation of that product', async () => {
    expect((await applyAfter('quick-cash', 'new', null)).status).toBe('received');
  });

  test('is refused when the reservation was for another product of the lender, with the end of the pause', async () => {
    const untilMs = intake.clock.nowMs() + 3_600_000;
    expect(await applyAfter('quick-flex', 'new', untilMs)).toMatchObject({
      status: 'refused',
      reason: 'closed',
      detail: 'paused',
      retry_at: isoOf(untilMs),
    });
  });

  test.each(['submissions', 'drawdowns'] as const)('is taken while only %s are stopped', async (stop) => {
    expect((await applyAfter('quick-flex', stop, null)).status).toBe('received');
  });
});
