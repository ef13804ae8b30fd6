import { isoOf } from '../../src/base/clock.ts';
import { applyLenderEvents, type LenderEventResult } from '../../src/intake/lender-events.ts';
import { createTimerSweeper } from '../../src/intake/sweep-timers.ts';
import type { TestIntake } from './intake.ts';
import type { TestRedis } from './redis.ts';

let number = 0;

/** What the lender of the shipped product says of an application or its loan, now unless told otherwise. @returns its answer */
export async function toldByLender(
  { deps }: TestIntake,
  applicationId: string,
  type: string,
  data: object = {},
  occurredAt?: string,
  loanId?: string,
): Promise<LenderEventResult | undefined> {
  const { store, clock, registry } = deps;
  number += 1;
  const occurred_at = occurredAt ?? isoOf(clock.nowMs());
  const event = { id: `TOLD-${number}`, type, occurred_at, application_id: applicationId, loan_id: loanId, data };
  const products = (id: string) => registry().products.get(id);
  const [result] = await applyLenderEvents({ store, clock, products }, { id: 'quickcredit' }, [event]);
  return result;
}

/** Runs what time alone does, as of the clock. */
export async function runTimers({ client, keys }: TestRedis, { deps }: TestIntake): Promise<void> {
  const { store, clock, registry } = deps;
  const products = (id: string) => registry().products.get(id);
  await createTimerSweeper({ client, keys, store, clock, products }).runDue(clock.nowMs());
}
