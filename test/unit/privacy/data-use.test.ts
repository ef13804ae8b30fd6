import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LOAN_TRANSITIONS } from '../../../src/applications/lifecycle/loan-transitions.ts';
import type { Application, Credit, Loan, LoanStatus } from '../../../src/applications/model.ts';
import { DAY_MS, isoOf, msOf } from '../../../src/base/clock.ts';
import { dataUseOf, erasureDueMs } from '../../../src/privacy/data-use.ts';
import { eraseApplication } from '../../../src/privacy/erase-application.ts';
import { SAMPLE_TIME, sampleApplication, sampleLoan } from '../../support/sample-application.ts';

const NOW = msOf(SAMPLE_TIME);
const DAYS = { refusedDays: 30, closedDays: 1095 };
const LENT: ReadonlySet<LoanStatus> = new Set<LoanStatus>(['active', 'overdue', 'settled', 'written_off']);

function credit(change: Partial<Credit> = {}): Credit {
  const expires_at = isoOf(NOW + 100 * DAY_MS);
  const amounts = { amount: 500_000, min: null, step: null, currency: 'CNY', terms: null, term_unit: 'month' } as const;
  return {
    status: 'active',
    ...amounts,
    pricing: null,
    apr: '0.18',
    expires_at,
    grade: null,
    funder_id: null,
    ...change,
  };
}

function granted(loans: readonly LoanStatus[], given: Credit | null = credit()): Application {
  return sampleApplication('A', {
    status: 'credit_granted',
    credit: given,
    loans: loans.map((status, index): Loan => {
      const disbursed_at = LENT.has(status) ? SAMPLE_TIME : null;
      return sampleLoan('app_00', String(index), { status, disbursed_at });
    }),
  });
}

describe('personal data is needed', () => {
  test.each(['screening', 'received', 'submitted', 'verifying', 'needs_input', 'in_review'] as const)(
    'while an application is %s',
    (status) => {
      expect(dataUseOf(sampleApplication('A', { status }), false, NOW)).toEqual({
        state: 'in_use',
        why: 'being_decided',
      });
    },
  );

  test('while credit can be drawn; one that cannot be drawn again is used up by its loan', () => {
    expect(dataUseOf(granted([]), false, NOW)).toMatchObject({ why: 'credit_open' });
    expect(dataUseOf(granted(['settled']), true, NOW)).toMatchObject({ why: 'credit_open' });
    expect(dataUseOf(granted(['settled']), false, NOW)).toEqual({ state: 'over', kind: 'closed' });
    expect(dataUseOf(granted([]), false, NOW + 200 * DAY_MS)).toEqual({ state: 'over', kind: 'refused' });
    expect(dataUseOf(granted([], credit({ status: 'closed' })), false, NOW)).toEqual({
      state: 'over',
      kind: 'refused',
    });
  });

  test('while a loan runs, whatever became of the application since', () => {
    const cancelled = { ...granted(['active']), status: 'cancelled' as const };
    expect(dataUseOf(cancelled, false, NOW)).toEqual({ state: 'in_use', why: 'loan_open' });
    expect(dataUseOf(granted(['settled', 'overdue']), false, NOW)).toMatchObject({ why: 'loan_open' });
  });

  test('while a debt is owed, though not for ever', () => {
    const owed = granted(['settled', 'written_off']);
    const use = dataUseOf(owed, false, NOW);
    expect(use).toEqual({ state: 'in_use', why: 'debt_owed' });
    expect(erasureDueMs(owed, use, DAYS)).toBe(NOW + 1095 * DAY_MS);
  });
});

describe('personal data is due', () => {
  test.each(['refused', 'credit_declined', 'cancelled', 'expired'] as const)(
    'the shorter time after an application was %s',
    (status) => {
      const over = sampleApplication('A', { status });
      expect(erasureDueMs(over, dataUseOf(over, false, NOW), DAYS)).toBe(NOW + 30 * DAY_MS);
    },
  );

  test('the longer time after the last change of what was lent once', () => {
    const updated_at = isoOf(NOW + 5 * DAY_MS);
    const over = { ...granted(['settled'], credit({ status: 'closed' })), updated_at };
    expect(erasureDueMs(over, dataUseOf(over, true, NOW), DAYS)).toBe(NOW + (5 + 1095) * DAY_MS);
  });

  test('the longer time after an application, or a payout, that its lender has left without an answer', () => {
    for (const status of ['received', 'submitted', 'verifying', 'needs_input', 'in_review'] as const) {
      const waiting = sampleApplication('A', { status });
      expect(erasureDueMs(waiting, dataUseOf(waiting, false, NOW), DAYS), status).toBe(NOW + 1095 * DAY_MS);
    }
    for (const status of ['requested', 'in_review', 'needs_input', 'paying_out'] as const) {
      const waiting = granted([status], credit({ status: 'closed' }));
      expect(erasureDueMs(waiting, dataUseOf(waiting, false, NOW), DAYS), status).toBe(NOW + 1095 * DAY_MS);
      const beside = granted([status, 'active'], credit({ status: 'closed' }));
      expect(erasureDueMs(beside, dataUseOf(beside, false, NOW), DAYS), status).toBeNull();
    }
  });

  test('never while a loan runs or credit is open; and every state is the one or the other', () => {
    const statuses = Object.keys(LOAN_TRANSITIONS) as LoanStatus[];
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...statuses), { maxLength: 3 }),
        fc.boolean(),
        fc.constantFrom('active', 'frozen', 'closed'),
        (loans, isRevolving, status) => {
          const application = granted(loans, credit({ status }));
          const use = dataUseOf(application, isRevolving, NOW);
          const dueMs = erasureDueMs(application, use, DAYS);
          const isRunning = loans.some((loan) => LOAN_TRANSITIONS[loan]['loan.settled']);
          const isOpen = use.state === 'in_use' && use.why === 'credit_open';
          if (isRunning || isOpen) expect(dueMs).toBeNull();
          else expect(dueMs).toBeGreaterThan(NOW);
          const isAwaited = loans.some((loan) => LOAN_TRANSITIONS[loan]['loan.disbursed']);
          if (isRunning || isAwaited) expect(use.state).toBe('in_use');
        },
      ),
    );
  });
});

describe('erasing', () => {
  const over = sampleApplication('A', {
    status: 'refused',
    partner_user_ref: 'U-1',
    return_url: 'https://acme.example/back?u=1',
    subject: { claims: ['t1', 't2'], pointers: ['t3'], person: 't2' },
  });
  const use = dataUseOf(over, false, NOW);

  test('takes the record and the partner’s words for the person, and leaves what money and claims need', () => {
    const { application, effects, result } = eraseApplication(over, use, NOW);
    expect(result).toEqual({ result: 'erased' });
    expect(effects).toEqual([
      { do: 'DEL', key: 'sealed' },
      { do: 'DEL', key: 'messages' },
    ]);
    expect(application).toEqual({ ...over, partner_user_ref: null, return_url: null, erased_at: SAMPLE_TIME });
  });

  test('a second time changes nothing, and makes sure of the record', () => {
    const { application = over } = eraseApplication(over, use, NOW);
    const again = eraseApplication(application, use, NOW + DAY_MS);
    expect(again.application).toBeUndefined();
    expect(again).toMatchObject({
      result: { result: 'already_erased' },
      effects: [{ key: 'sealed' }, { key: 'messages' }],
    });
  });

  test('keeps what is needed unless by force; what still runs keeps its next step', () => {
    const action = { id: 'act_1', type: 'otp', scene: 'drawdown', expires_at: SAMPLE_TIME } as const;
    const actions = [{ ...action, asked_at: SAMPLE_TIME, wrong_tries: 0 }];
    const running = { ...granted(['requested']), actions };
    const inUse = dataUseOf(running, false, NOW);
    expect(eraseApplication(running, inUse, NOW)).toEqual({
      events: [],
      result: { result: 'kept', reason: 'loan_open' },
    });
    const forced = eraseApplication(running, inUse, NOW, true);
    expect(forced.result).toEqual({ result: 'erased' });
    expect(forced.application).toMatchObject({ actions, erased_at: SAMPLE_TIME });
  });
});
