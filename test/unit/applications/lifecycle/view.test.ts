import { describe, expect, test } from 'vitest';
import { loanView, scheduleView } from '../../../../src/applications/lifecycle/loan-view.ts';
import { applicationView, FULL_VIEW } from '../../../../src/applications/lifecycle/view.ts';
import { active, at, cny, granted, LOAN_ID, loanOf, overdue, paid, START, submitted, tell, wire } from './story.ts';

const PLATFORM = { visibility: 'status', disclosure: 'coarse' } as const;
const REFERRAL = { visibility: 'none', disclosure: 'coarse' } as const;

describe('an application', () => {
  test('has every field of the contract', () => {
    expect(Object.keys(applicationView(submitted(), PLATFORM))).toEqual(
      expect.arrayContaining(
        'id partner_ref partner_user_ref lender_ref product_id status reason detail retry_at display customer next_action credit loans attribution sub_ids created_at updated_at'.split(
          ' ',
        ),
      ),
    );
    const { attribution } = applicationView(submitted(), PLATFORM);
    expect(attribution).toEqual({ partner_id: 'acme', via: 'api', reason: 'submitted_by' });
  });

  test('shows nothing of how it is kept', () => {
    const text = JSON.stringify(applicationView(tell(submitted(), [granted(0.1)]).application, FULL_VIEW));
    for (const inner of ['fingerprint', 'subject', 'held', 'inbox_writes', 'set_at', 'pins'])
      expect(text).not.toContain(inner);
  });

  test('refused tells a coarse partner when to come back, a full one why, and names a list to institutions only', () => {
    const refused = submitted({ status: 'refused', reason: 'blocked', detail: null, retry_at: at(9) });
    const told = (disclosure: 'coarse' | 'full' | 'institution', application = refused) => {
      const { reason, detail, retry_at } = applicationView(application, { visibility: 'status', disclosure });
      return { reason, detail, retry_at };
    };
    expect(told('coarse')).toEqual({ reason: null, detail: null, retry_at: at(9) });
    expect(told('full')).toEqual({ reason: 'ineligible', detail: null, retry_at: at(9) });
    expect(told('institution')).toEqual({ reason: 'blocked', detail: null, retry_at: at(9) });
    const young = submitted({ status: 'refused', reason: 'ineligible', detail: 'age' });
    expect(told('full', young)).toMatchObject({ reason: 'ineligible', detail: 'age' });
    const declined = submitted({ status: 'credit_declined', reason: 'score' });
    expect(told('coarse', declined)).toMatchObject({ reason: 'score' });
  });

  test('shows what can still be drawn of its credit', () => {
    const { credit } = applicationView(active(), PLATFORM);
    expect(credit).toMatchObject({ status: 'active', amount: cny(500_000), available: cny(200_000), apr: '0.18' });
    expect(applicationView(tell(active(), [paid(1, 20)]).application, PLATFORM).credit).toMatchObject({
      available: cny(300_000),
    });
  });
});

describe('a loan', () => {
  const late = tell(active(), [paid(1, 20), overdue(2, 60, 1)]).application;

  test('shows status, arrears and principal outstanding', () => {
    expect(loanView(late, loanOf(late), 'status')).toMatchObject({
      id: LOAN_ID,
      application_id: late.id,
      status: 'overdue',
      days_past_due: 1,
      bucket: 'M1',
      outstanding: cny(200_000),
      received: cny(300_000),
    });
  });

  test('shows nothing of its repayment to a partner without visibility', () => {
    const { loans } = applicationView(late, REFERRAL);
    expect(loans[0]).toMatchObject({ status: 'active', outstanding: null, days_past_due: null, bucket: null });
    expect(loans[0]?.updated_at).toBe(loanOf(late).disbursed_at);
    expect(scheduleView(loanOf(late), 'none', START, 'Asia/Shanghai')).toBeNull();
  });

  test('shows each instalment as not due, due, paid or overdue on the day in its time zone', () => {
    const on = (text: string) => scheduleView(loanOf(late), 'status', Date.parse(`${text}+08:00`), 'Asia/Shanghai');
    expect(on('2026-02-28T23:59:59')?.map((item) => item.status)).toEqual(['paid', 'not_due', 'not_due']);
    expect(on('2026-03-01T00:00:00')?.map((item) => item.status)).toEqual(['paid', 'due', 'not_due']);
    expect(on('2026-03-02T00:00:00')?.map((item) => item.status)).toEqual(['paid', 'overdue', 'not_due']);
    expect(on('2026-03-02T00:00:00')?.[0]).toMatchObject({ total: cny(101_700), paid: cny(101_700), paid_at: at(20) });
  });

  test('that is settled owes nothing, whatever was forgiven', () => {
    const settled = tell(active(), [wire('loan.settled', 80, { settled_at: at(80) })]).application;
    expect(loanView(settled, loanOf(settled), 'full').outstanding).toEqual(cny(0));
    const items = scheduleView(loanOf(settled), 'full', START, 'Asia/Shanghai');
    expect(items?.map((item) => item.status)).toEqual(['paid', 'paid', 'paid']);
  });

  test('carries the action that waits for it, and only that', () => {
    const raw = wire('action.required', 1, { type: 'otp', scene: 'repay', loan_id: LOAN_ID, expires_at: at(2) });
    const { application } = tell(active(), [raw]);
    expect(loanView(application, loanOf(application), 'status').next_action).toMatchObject({ type: 'otp' });
    expect(loanView(active(), loanOf(active()), 'status').next_action).toBeNull();
  });
});
