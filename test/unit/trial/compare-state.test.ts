import { describe, expect, test } from 'vitest';
import { LENDER_EVENT_DATA } from '../../../src/applications/lifecycle/lender-event-data.ts';
import { compareState, type SeenApplication } from '../../../src/trial/compare-state.ts';
import { STORIES } from '../../../src/trial/stories.ts';
import type { Expected } from '../../../src/trial/story.ts';

function seen(status: string, loan?: string, over: Partial<SeenApplication> = {}): SeenApplication {
  const loans = loan === undefined ? [] : [{ id: 'loan_1', status: loan, reason: null, next_action: null }];
  const rest = { reason: null, next_action: null, credit: null, created_at: '' };
  return { id: 'app_1', partner_ref: null, status, loans, ...rest, ...over };
}

const compare = (expected: Expected, application: SeenApplication) => compareState(expected, application, 100).kind;

describe('whether an applicant has come to where they are expected', () => {
  test('what may still come is waited for, what cannot any more is wrong at once', () => {
    const granted = { application: ['credit_granted'] };
    expect(compare(granted, seen('in_review'))).toBe('not_yet');
    expect(compare(granted, seen('credit_granted'))).toBe('met');
    expect(compare(granted, seen('credit_declined'))).toBe('wrong');
    expect(compare({ application: ['in_review'] }, seen('credit_granted'))).toBe('wrong');
    expect(compare({ application: ['cancelled'] }, seen('credit_granted'))).toBe('not_yet');
    expect(compare({ loan: ['active'] }, seen('credit_granted', 'paying_out'))).toBe('not_yet');
    expect(compare({ loan: ['active'] }, seen('credit_granted', 'declined'))).toBe('wrong');
    expect(compare({ asks: 'supplement' }, seen('verifying'))).toBe('not_yet');
    expect(compare({ asks: 'supplement' }, seen('credit_granted'))).toBe('wrong');
  });

  test('another reason is wrong, none is what a partner sees who is told little', () => {
    const expected = { application: ['credit_declined'], reason: 'existing_customer' };
    expect(compare(expected, seen('credit_declined', undefined, { reason: 'score' }))).toBe('wrong');
    expect(compare(expected, seen('credit_declined'))).toBe('met');
  });

  test('a limit is raised when it is above what was granted first', () => {
    const credit = (amount: number) => ({ credit: { amount: { amount, currency: 'CNY' } } });
    expect(compare({ raised: true }, seen('credit_granted', undefined, credit(100)))).toBe('not_yet');
    expect(compare({ raised: true }, seen('credit_granted', undefined, credit(150)))).toBe('met');
  });
});

describe('the sandbox set as a table', () => {
  test('has each reserved ending once, and only events that there are', () => {
    const endings = STORIES.map(({ key }) => key).filter((key) => /^\d+$/.test(key));
    expect([...endings].sort()).toEqual(Array.from({ length: 20 }, (_, at) => String(at).padStart(4, '0')));
    const types = STORIES.flatMap(({ events, laterEvents = [], never = [] }) => [...events, ...laterEvents, ...never]);
    expect(types.filter((type) => !Object.hasOwn(LENDER_EVENT_DATA, type))).toEqual([]);
  });
});
