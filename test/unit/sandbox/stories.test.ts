import { describe, expect, test } from 'vitest';
import { isoOf, MINUTE_MS } from '../../../src/base/clock.ts';
import type { SandboxBook } from '../../../src/sandbox/story/book.ts';
import { BookPlay } from '../../../src/sandbox/story/book-play.ts';
import { drawsByItself, scenarioOfPhone } from '../../../src/sandbox/story/scenario.ts';
import { roundToStep } from '../../../src/sandbox/story/terms.ts';
import { transmissionsOf } from '../../../src/sandbox/story/transmissions.ts';
import { bookProduct, drawing, SCENARIO_OF, sampleBook, tell, throughGateway } from '../../support/sandbox-book.ts';

/** A story of an applicant who draws down a minute after the application. */
function drawn(suffix: string, change: Partial<SandboxBook> = {}): SandboxBook {
  const book = sampleBook(scenarioOfPhone(`1380013${suffix}`), change);
  return tell(book, MINUTE_MS, drawing(book, 'loan_1')).book;
}

const stepsOf = (book: SandboxBook) => new BookPlay(book).runUntil().steps;
const story = (book: SandboxBook) =>
  stepsOf(book)
    .filter(({ event }) => event.type !== 'credit.expired')
    .map(({ dueMs, event }) => `${isoOf(dueMs).slice(0, 21)} ${event.type}`);
const ofLoan = (book: SandboxBook) => story(book).filter((line) => !/ (application|credit)\./.test(line));
const paidBy = (book: SandboxBook) =>
  stepsOf(book).flatMap(({ event }) => (event.type === 'installment.paid' ? [[event.data.no, event.data.payer]] : []));
const dataOf = (book: SandboxBook, type: string) =>
  stepsOf(book).findLast(({ event }) => event.type === type)?.event.data;

const DECIDED = ['2026-03-02T04:05:06.0 application.verifying', '2026-03-02T04:05:07.0 credit.granted'];
const PAID_OUT = ['2026-03-02T04:06:06.5 loan.paying_out', '2026-03-02T04:06:07.0 loan.disbursed'];

describe('what the last four digits stand for', () => {
  test.each(Object.entries(SCENARIO_OF))('%s: %s', (suffix, scenario) => {
    expect(scenarioOfPhone(`1380013${suffix}`)).toBe(scenario);
  });

  test('0000 is verified at once and granted a second later, repays at ten on each due day, and settles', () => {
    expect(story(drawn('0000'))).toEqual([
      ...DECIDED,
      ...PAID_OUT,
      '2026-04-02T02:00:00.0 installment.paid',
      '2026-05-02T02:00:00.0 installment.paid',
      '2026-06-02T02:00:00.0 installment.paid',
      '2026-06-02T02:00:01.0 loan.settled',
    ]);
    expect(dataOf(drawn('0000'), 'loan.settled')).toMatchObject({ early: false });
  });

  test('0001 is declined for thirty days', () => {
    expect(story(sampleBook('declined'))[1]).toBe('2026-03-02T04:05:07.0 credit.declined');
    expect(dataOf(sampleBook('declined'), 'credit.declined')).toMatchObject({ retry_at: '2026-04-01T04:05:07.000Z' });
  });

  test('0002 needs input, completes it by itself after an hour, and is granted', () => {
    const needs = sampleBook('needs_input');
    expect(story(needs)).toEqual([
      '2026-03-02T04:05:06.0 application.verifying',
      '2026-03-02T04:05:07.0 action.required',
      '2026-03-02T05:05:07.0 action.completed',
      '2026-03-02T05:05:08.0 credit.granted',
    ]);
    expect(story(tell(needs, 20_000, { kind: 'supplement' }).book).slice(2)).toEqual([
      '2026-03-02T04:05:26.0 action.completed',
      '2026-03-02T04:05:27.0 credit.granted',
    ]);
    const [, asked, completed] = stepsOf(needs);
    expect(completed?.event.data.action_id).toBe(asked?.id);
  });

  test('0003 stays in review, whatever it is given', () => {
    const told = tell(sampleBook('stays_in_review'), 20_000, { kind: 'supplement' });
    expect(told.result).toBe('accepted');
    expect(story(told.book).at(-1)).toBe('2026-03-02T04:05:07.0 application.in_review');
  });

  test('0004 is granted, but the payout fails', () => {
    expect(ofLoan(drawn('0004')).at(-1)).toBe('2026-03-02T04:06:07.0 loan.payout_failed');
  });

  test('0005 pays nothing and is reported overdue on the day after', () => {
    expect(ofLoan(drawn('0005')).slice(2)).toEqual(['2026-04-02T16:30:00.0 loan.overdue']);
  });

  test('0006 gives the money back on the next day; to 0015 the payout comes back after two', () => {
    expect(ofLoan(drawn('0006')).at(-1)).toBe('2026-03-03T04:06:07.0 loan.cancelled');
    expect(dataOf(drawn('0006'), 'loan.cancelled')).toEqual({ reason: 'cooling_off' });
    expect(ofLoan(drawn('0015')).at(-1)).toBe('2026-03-04T04:06:07.0 loan.cancelled');
    expect(dataOf(drawn('0015'), 'loan.cancelled')).toEqual({ reason: 'payout_returned' });
  });

  test('0007 pays the rest on the day after the second instalment', () => {
    expect(ofLoan(drawn('0007')).slice(2)).toEqual([
      '2026-04-02T02:00:00.0 installment.paid',
      '2026-05-02T02:00:00.0 installment.paid',
      '2026-05-03T02:00:00.2 loan.schedule_updated',
      '2026-05-03T02:00:00.5 installment.paid',
      '2026-05-03T02:00:01.5 loan.settled',
    ]);
    expect(dataOf(drawn('0007'), 'loan.settled')).toMatchObject({ early: true });
  });

  test('0009 sends events in the wrong order and twice, and ends like 0000', () => {
    const disordered = drawn('0009');
    const sent = transmissionsOf(disordered);
    const times = sent.map(({ step }) => step.dueMs);
    expect(times).not.toEqual(times.toSorted((one, other) => one - other));
    expect(sent.some(({ again }) => again)).toBe(true);
    for (const { step, sendMs } of sent) expect(sendMs).toBeGreaterThanOrEqual(step.dueMs);
    const { application, results } = throughGateway(disordered);
    expect(new Set(results)).toEqual(new Set(['applied', 'duplicate', 'held']));
    const plain = throughGateway(drawn('0000')).application;
    const figures = ({ status, loans: [loan] }: typeof plain) => [
      status,
      loan?.status,
      loan?.schedule,
      loan?.settled_at,
    ];
    expect(figures(application)).toEqual(figures(plain));
  });

  test('0010 and everybody who came by a link draw down at the lender a minute after the grant', () => {
    expect(drawsByItself(scenarioOfPhone('13800130010'), { kind: 'platform', via: 'api' })).toBe(true);
    expect(drawsByItself('repays_on_time', { kind: 'referral', via: 'api' })).toBe(true);
    expect(drawsByItself('repays_on_time', { kind: 'platform', via: 'click' })).toBe(true);
    expect(drawsByItself('repays_on_time', { kind: 'platform', via: 'api' })).toBe(false);
    const alone = sampleBook('draws_by_itself');
    expect(story(alone).slice(2, 5)).toEqual([
      '2026-03-02T04:06:07.0 loan.requested',
      '2026-03-02T04:06:07.5 loan.paying_out',
      '2026-03-02T04:06:08.0 loan.disbursed',
    ]);
    const [requested, paying] = stepsOf(alone).slice(2);
    expect(requested?.event.application_id).toBe(alone.application_id);
    expect(paying?.event).toMatchObject({ lender_ref: requested?.event.data.lender_ref });
  });

  test('0010 comes back for a second loan where the limit is a revolving one', () => {
    const alone = sampleBook('draws_by_itself', { product: bookProduct({ kind: 'revolving' }) });
    const requested = story(alone).filter((line) => line.endsWith('loan.requested'));
    expect(requested).toEqual(['2026-03-02T04:06:07.0 loan.requested', '2026-06-09T02:00:01.0 loan.requested']);
  });

  test('0011 waits for the code and is paid out when the right one has come', () => {
    const waiting = drawn('0011');
    expect(ofLoan(waiting)).toEqual(['2026-03-02T04:06:06.5 action.required', '2026-03-03T04:06:06.5 loan.declined']);
    expect(dataOf(waiting, 'action.required')).toMatchObject({ type: 'otp', scene: 'drawdown', loan_id: 'loan_1' });
    const given = tell(waiting, 2 * MINUTE_MS, {
      kind: 'otp',
      right: true,
      action_id: 'act_1',
      loan_id: 'loan_1',
      card_id: null,
    });
    expect(given.result).toBe('accepted');
    expect(ofLoan(given.book).slice(1, 4)).toEqual([
      '2026-03-02T04:07:06.0 action.completed',
      '2026-03-02T04:07:06.5 loan.paying_out',
      '2026-03-02T04:07:07.0 loan.disbursed',
    ]);
  });

  test('0011 tells that a card’s code was taken: the answer to it may have been lost', () => {
    const card = { card_id: 'card_1', sent_to: null, sound: true };
    const asked = tell(sampleBook('asks_for_otp'), MINUTE_MS, { kind: 'card', ...card });
    const about = { action_id: 'act_1', card_id: 'card_1', loan_id: null };
    const given = tell(asked.book, 2 * MINUTE_MS, { kind: 'otp', right: true, ...about });
    expect(dataOf(given.book, 'action.completed')).toEqual({ action_id: 'act_1' });
  });

  test('0011 who draws alone needs no code: the lender’s own app asked for it', () => {
    expect(story(sampleBook('asks_for_otp', { draws_alone: true }))).toContain('2026-03-02T04:06:08.0 loan.disbursed');
  });

  test('0012 is looked at and declined', () => {
    expect(ofLoan(drawn('0012'))).toEqual([
      '2026-03-02T04:06:06.5 loan.in_review',
      '2026-03-02T04:07:06.0 loan.declined',
    ]);
    expect(dataOf(drawn('0012'), 'loan.declined')).toEqual({
      reason: 'drawdown_policy',
      retry_at: '2026-03-09T04:07:06.000Z',
    });
  });

  test('0013 fails the first debit, pays two days late with a penalty and is cured; the rest is on time', () => {
    expect(ofLoan(drawn('0013')).slice(2)).toEqual([
      '2026-04-02T02:00:00.0 repayment.failed',
      '2026-04-02T16:30:00.0 loan.overdue',
      '2026-04-04T02:00:00.0 installment.paid',
      '2026-04-04T02:00:01.0 loan.cured',
      '2026-05-02T02:00:00.0 installment.paid',
      '2026-06-02T02:00:00.0 installment.paid',
      '2026-06-02T02:00:01.0 loan.settled',
    ]);
    const penalties = stepsOf(drawn('0013')).flatMap(({ event: { type, data } }) =>
      type === 'installment.paid' ? [(data.penalty as { amount: number }).amount] : [],
    );
    expect(penalties).toEqual([254, 0, 0]);
  });

  test('0014 lets the guarantor pay the second instalment three days late, the borrower the others', () => {
    const guaranteed = drawn('0014');
    expect(paidBy(guaranteed)).toEqual([
      [1, 'borrower'],
      [2, 'guarantor'],
      [3, 'borrower'],
    ]);
    expect(ofLoan(guaranteed)).toContain('2026-05-05T02:00:00.0 installment.paid');
    expect(paidBy(drawn('0014', { product: bookProduct({ repayment: 'bullet' }) }))).toEqual([[1, 'guarantor']]);
  });

  test('0016 is settled, the payment does not hold, and it is paid and settled again', () => {
    expect(ofLoan(drawn('0016')).slice(4)).toEqual([
      '2026-06-02T02:00:00.0 installment.paid',
      '2026-06-02T02:00:01.0 loan.settled',
      '2026-06-05T02:00:00.0 installment.reversed',
      '2026-06-07T02:00:00.0 installment.paid',
      '2026-06-07T02:00:01.0 loan.settled',
    ]);
    const paid = stepsOf(drawn('0016')).filter(({ event }) => event.type === 'installment.paid');
    expect(new Set(paid.map(({ event }) => event.data.payment_ref)).size).toBe(4);
  });

  test('0017 pays all back on day ten', () => {
    expect(ofLoan(drawn('0017')).slice(2)).toEqual([
      '2026-03-12T02:00:00.2 loan.schedule_updated',
      '2026-03-12T02:00:00.5 installment.paid',
      '2026-03-12T02:00:01.5 loan.settled',
    ]);
  });

  test('0018 gets a limit that is half as high again after a week', () => {
    const [, , updated] = stepsOf(sampleBook('limit_raised'));
    expect(updated).toMatchObject({
      dueMs: Date.parse('2026-03-09T04:05:07.000Z'),
      event: {
        type: 'credit.updated',
        data: { amount: { amount: 750_000, currency: 'CNY' }, reason: 'good_standing' },
      },
    });
  });

  test('0019 is rejected as a customer already, and nothing follows', () => {
    const customer = sampleBook('existing_customer');
    expect(stepsOf(customer)).toEqual([]);
    expect(new BookPlay(customer).application.firstAnswer).toMatchObject({
      result: 'rejected',
      reason: 'existing_customer',
      detail: 'registered',
    });
  });

  test('any other number behaves like 0000', () => {
    for (const phone of ['13800138888', '13800130099', '', undefined, { md5: 'x' }]) {
      expect(scenarioOfPhone(phone)).toBe('repays_on_time');
    }
  });

  test('the amount granted lies on the product’s steps', () => {
    const product = bookProduct();
    expect(roundToStep(product, 123_456)).toBe(120_000);
    expect(roundToStep(product, 1)).toBe(100_000);
    expect(roundToStep(product, 99_999_999)).toBe(5_000_000);
  });
});
