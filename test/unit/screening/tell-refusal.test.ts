import { describe, expect, test } from 'vitest';
import { refusal } from '../../../src/screening/decision.ts';
import { tellAcceptance, tellRefusal } from '../../../src/screening/tell-refusal.ts';

const at = Date.parse('2026-04-01T00:00:00.000Z');
const retry_at = '2026-04-01T00:00:00.000Z';

describe('what a partner is told of a refusal', () => {
  test('coarse: when to ask again, never why', () => {
    const why = refusal('ineligible', { detail: 'age', retryAtMs: at });
    expect(tellRefusal(why, 'coarse')).toEqual({ reason: null, detail: null, retry_at });
  });

  test('full: reason and detail', () => {
    const why = refusal('existing_customer', { detail: 'has_loan' });
    expect(tellRefusal(why, 'full')).toEqual({ reason: 'existing_customer', detail: 'has_loan', retry_at: null });
  });

  test('full: a list that matched reads like a product rule without detail', () => {
    const why = refusal('blocked', { detail: 'overdue' });
    expect(tellRefusal(why, 'full')).toEqual({ reason: 'ineligible', detail: null, retry_at: null });
  });

  test('institution: everything', () => {
    const why = refusal('blocked', { detail: 'overdue', retryAtMs: at });
    expect(tellRefusal(why, 'institution')).toEqual({ reason: 'blocked', detail: 'overdue', retry_at });
  });
});

test('why somebody is accepted is told as openly as why somebody is refused', () => {
  const returning = { decision: 'accept', reason: 'returning', customer: 'returning' } as const;
  expect(tellAcceptance(returning, 'coarse').reason).toBeNull();
  expect(tellAcceptance(returning, 'full').reason).toBe('returning');
  expect(tellAcceptance(returning, 'institution').reason).toBe('returning');
});
