import type { Credit } from '../model.ts';
import { changesNothing, dataOf, type FoldStep } from './fold-step.ts';

/** Events of the credit. Whether it is open after them, their standing says. */
export const CREDIT_STEPS = {
  'credit.granted': (application, event) => {
    const credit = dataOf<Omit<Credit, 'status'>>(event);
    return { ...application, credit: { ...credit, status: 'active' } };
  },
  'credit.updated': (application, event) => {
    const { credit } = application;
    if (credit === null) return application;
    const { status: _, currency: __, reason: ___, superseded = [], ...given } = dataOf<Updated>(event);
    // What was set later in time stands, though it was heard of first.
    const wins = Object.entries(given).filter(([field]) => !superseded.includes(field));
    return { ...application, credit: { ...credit, ...Object.fromEntries(wins) } };
  },
  'credit.declined': changesNothing,
  'credit.expired': changesNothing,
} as const satisfies Readonly<Record<string, FoldStep>>;

interface Updated extends Partial<Credit> {
  readonly reason: string | null;
  readonly superseded?: readonly string[];
}
