import { describe, expect, test } from 'vitest';
import { at, PRODUCT, START, submitted, tell, wire } from './story.ts';

describe('a decline', () => {
  test('keeps the applicant out until the lender’s date', () => {
    const { application } = tell(submitted(), [wire('credit.declined', 1, { reason: 'policy', retry_at: at(90) })]);
    expect(application).toMatchObject({ status: 'credit_declined', retry_at: at(90) });
  });

  test('without a date keeps them out for as long as the product says, from when it happened', () => {
    const product = { ...PRODUCT, refused_days: 45 };
    const facts = { nowMs: START + 5 * 86_400_000, lenderId: 'quickcredit', product };
    const { application, events } = tell(submitted(), [wire('credit.declined', 1, { reason: 'policy' })], facts);
    expect(application).toMatchObject({ status: 'credit_declined', retry_at: at(46) });
    expect(events.at(-1)).toMatchObject({ type: 'credit.declined', data: { reason: 'policy', retry_at: at(46) } });
  });
});
