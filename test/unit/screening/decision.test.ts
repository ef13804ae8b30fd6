import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { firstRefusal, type Refusal, type RefuseReason, refusal } from '../../../src/screening/decision.ts';

/** The order of the contract, spelled once more. */
const ORDER: readonly RefuseReason[] = [
  'closed',
  'ineligible',
  'blocked',
  'own',
  'in_progress',
  'existing_customer',
  'other_channel',
  'recently_refused',
  'capped',
];

const refusals: fc.Arbitrary<(Refusal | undefined)[]> = fc.array(
  fc.option(
    fc
      .tuple(fc.constantFrom(...ORDER), fc.option(fc.integer({ min: 1, max: 5 })))
      .map(([reason, retryAtMs]) => refusal(reason, { retryAtMs })),
    { nil: undefined },
  ),
  { maxLength: 12 },
);

describe('of several refusals', () => {
  test('the first reason of the contract is told, in whatever order they were found', () => {
    fc.assert(
      fc.property(refusals, (found) => {
        const reasons = new Set(found.map((one) => one?.reason));
        expect(firstRefusal(found)?.reason).toBe(ORDER.find((reason) => reasons.has(reason)));
      }),
    );
  });

  test('those that say the same are told with the latest time to come back, and with none when nobody knows', () => {
    fc.assert(
      fc.property(refusals, (found) => {
        const told = firstRefusal(found);
        const times = found.flatMap((one) => (one?.reason === told?.reason && one ? [one.retryAtMs] : []));
        const known = times.filter((time) => time !== null);
        if (told) expect(told.retryAtMs).toBe(known.length < times.length ? null : Math.max(...known));
      }),
    );
  });
});
