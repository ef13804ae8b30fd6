import type { Application, Credit, Money } from '../../src/applications/model.ts';
import type { Person } from '../../src/demo/people.ts';
import type { ApplicationInput } from '../../src/intake/application-input.ts';
import { applicationFor, nextPerson } from './intake.ts';
import type { TestPartnerDoor } from './partner-door.ts';

export const cny = (amount: number): Money => ({ amount, currency: 'CNY' });

export const DAY_ZERO = '2026-03-02T04:00:00.000Z';

/** The instant so many days after day zero. */
export function onDay(day: number): string {
  return new Date(Date.parse(DAY_ZERO) + day * 86_400_000).toISOString();
}

let series = 0;

/** A complete application of somebody new. */
export function freshApplication(
  door: TestPartnerDoor,
  productId?: string,
): { readonly person: Person; readonly input: ApplicationInput } {
  series += 1;
  const person = nextPerson();
  return { person, input: applicationFor(door.intake.registry, person, `REF-${series}`, productId) };
}

/** The lender's word, written straight into the application. */
export async function become(door: TestPartnerDoor, id: string, change: Partial<Application>): Promise<void> {
  await door.intake.deps.store.change(id, (now) => ({ application: { ...now, ...change }, events: [], result: null }));
}

/** A credit of ¥10 000 until day 90. */
export function creditOf(change: Partial<Credit> = {}): Credit {
  return {
    status: 'active',
    amount: 1_000_000,
    min: 100_000,
    step: 10_000,
    currency: 'CNY',
    terms: [3, 6],
    term_unit: 'month',
    pricing: null,
    apr: '0.18',
    expires_at: onDay(90),
    grade: 'A',
    funder_id: 'harbour',
    ...change,
  };
}

/** An application of acme's that has been granted a credit. */
export async function grantedApplication(
  door: TestPartnerDoor,
): Promise<{ readonly id: string; readonly person: Person }> {
  const { person, input } = freshApplication(door);
  const { body } = await door.acme.post('/v1/applications', input);
  await become(door, body.id, { status: 'credit_granted', credit: creditOf(), lender_ref: 'L-1' });
  return { id: body.id, person };
}
