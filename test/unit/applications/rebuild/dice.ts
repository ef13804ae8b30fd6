import fc from 'fast-check';

/** Numbers from which a step takes whatever it needs: any of them makes a step. */
export interface Dice {
  /** Which step. */
  readonly step: number;
  /** Which kind of thing within it. */
  readonly pick: number;
  /** Which of the things that are there. */
  readonly which: number;
  readonly amount: number;
  /** Days back from now at which a lender's event happened. */
  readonly back: number;
  /** Days that pass before the step. */
  readonly pass: number;
  readonly yes: boolean;
}

export const dice: fc.Arbitrary<Dice> = fc.record({
  step: fc.nat(999),
  pick: fc.nat(999),
  which: fc.nat(5),
  amount: fc.integer({ min: 0, max: 110_000 }),
  back: fc.constantFrom(0, 0, 0, 0.001, 0.5, 3, 40),
  pass: fc.constantFrom(0, 0.01, 0.01, 0.3, 1, 9, 31),
  yes: fc.boolean(),
});

export function oneOf<Thing>(things: readonly Thing[], which: number): Thing | undefined {
  return things[which % Math.max(1, things.length)];
}
