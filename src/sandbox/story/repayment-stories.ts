import { daysBetween } from '../../applications/lifecycle/calendar-days.ts';
import { DAY_MS, SECOND_MS } from '../../base/clock.ts';
import { dueOf, type LedgerItem, type Payer } from './ledger.ts';
import type { LoanPlay } from './loan-play.ts';
import type { Scenario } from './scenario.ts';
import { DEBIT_HOUR, instantOn, nextDay, penaltyOn } from './terms.ts';

const LATE_DAYS = 2;
const GUARANTOR_DAYS = 3;
/** The guarantor pays this instalment, or the last one of a loan that has fewer. */
const GUARANTEED_NO = 2;
const COOLING_OFF_MS = DAY_MS;
const PAYOUT_RETURNED_MS = 2 * DAY_MS;
/** Instalments that an early settler pays before it pays the rest. */
const PAID_BEFORE_SETTLING = 2;
const SETTLED_ON_DAY = 10;
const REVERSED_AFTER_DAYS = 3;
const PAID_AGAIN_AFTER_DAYS = 2;

type Story = (loan: LoanPlay, items: readonly LedgerItem[]) => void;

const STORIES: Readonly<Partial<Record<Scenario, Story>>> = {
  first_payment_default: (loan, items) => watch(loan, items),
  cooling_off: (loan) => cancelAfter(loan, COOLING_OFF_MS, 'cooling_off'),
  payout_returned: (loan) => cancelAfter(loan, PAYOUT_RETURNED_MS, 'payout_returned'),
  settles_early: settleEarly,
  settles_on_day_ten: settleOnDayTen,
  debit_fails: failFirstDebit,
  guarantor_pays: letGuarantorPay,
  payment_reversed: payOnTime,
  disordered_events: (loan, items) => {
    correctSchedule(loan);
    payOnTime(loan, items);
  },
};

/** From the payout to the end, as far as nobody pays of its own accord: every debit looks first at what is still owed. */
export function startRepaying(loan: LoanPlay): void {
  const items = loan.ledger?.items ?? [];
  const story = STORIES[loan.setting.book.scenario] ?? payOnTime;
  story(loan, items);
}

/** What follows when nothing is owed any more: the last payment of some does not hold, once. */
export function afterSettlement(loan: LoanPlay): void {
  const { book, timeline } = loan.setting;
  const last = loan.ledger?.payments.at(-1);
  if (book.scenario !== 'payment_reversed' || last === undefined || loan.wasReversed) return;
  const reversedOn = nextDay(loan.today, REVERSED_AFTER_DAYS);
  timeline.at(instantOn(book.product, reversedOn, DEBIT_HOUR), () => {
    loan.reverse(last, 'bank_returned');
    // The bank was at fault: nobody pays a penalty.
    loan.onDay(nextDay(reversedOn, PAID_AGAIN_AFTER_DAYS), DEBIT_HOUR, () => loan.pay(last.no));
  });
}

function payOnTime(loan: LoanPlay, items: readonly LedgerItem[]): void {
  for (const item of items) loan.onDay(item.dueOn, DEBIT_HOUR, () => loan.pay(item.no));
}

function watch(loan: LoanPlay, items: readonly LedgerItem[]): void {
  for (const item of items) loan.watchArrears(item);
}

function cancelAfter(loan: LoanPlay, ms: number, reason: 'cooling_off' | 'payout_returned'): void {
  loan.setting.timeline.after(ms, () => {
    // Who has paid something back keeps the loan.
    const isUntouched = loan.isRunning && loan.ledger?.payments.length === 0;
    if (isUntouched) loan.end('cancelled', 'loan.cancelled', { reason });
  });
}

/** Two instalments on time, and on the day after the second all the rest; a loan of one payment is settled on day ten. */
function settleEarly(loan: LoanPlay, items: readonly LedgerItem[]): void {
  const kept = items.slice(0, Math.min(PAID_BEFORE_SETTLING, items.length - 1));
  payOnTime(loan, kept);
  const last = kept.at(-1);
  const settledOn = last === undefined ? nextDay(loan.today, SETTLED_ON_DAY) : nextDay(last.dueOn);
  payOnTime(loan, items.slice(kept.length));
  loan.onDay(settledOn, DEBIT_HOUR, () => loan.repay('all', null));
}

function settleOnDayTen(loan: LoanPlay, items: readonly LedgerItem[]): void {
  payOnTime(loan, items);
  loan.onDay(nextDay(loan.today, SETTLED_ON_DAY), DEBIT_HOUR, () => loan.repay('all', null));
}

function failFirstDebit(loan: LoanPlay, [first, ...others]: readonly LedgerItem[]): void {
  if (first === undefined) return;
  loan.onDay(first.dueOn, DEBIT_HOUR, () => {
    if (loan.owes(first.no)) loan.tell('repayment.failed', { no: first.no, reason: 'insufficient_funds' });
  });
  payLate(loan, first, LATE_DAYS, 'borrower');
  payOnTime(loan, others);
}

function letGuarantorPay(loan: LoanPlay, items: readonly LedgerItem[]): void {
  const guaranteed = items[Math.min(GUARANTEED_NO, items.length) - 1];
  if (guaranteed === undefined) return;
  payOnTime(
    loan,
    items.filter((item) => item !== guaranteed),
  );
  payLate(loan, guaranteed, GUARANTOR_DAYS, 'guarantor');
}

function payLate(loan: LoanPlay, item: LedgerItem, days: number, payer: Payer): void {
  loan.watchArrears(item);
  loan.onDay(nextDay(item.dueOn, days), DEBIT_HOUR, () => {
    const late = daysBetween(item.dueOn, loan.today);
    loan.pay(item.no, payer, penaltyOn(loan.setting.book.product, dueOf(item), late));
  });
}

/** The same plan once more: where it comes before the payout, the gateway has to hold it. */
function correctSchedule(loan: LoanPlay): void {
  loan.setting.timeline.after(SECOND_MS / 2, () => {
    if (!loan.isRunning) return;
    loan.tell('loan.schedule_updated', { schedule: loan.wireSchedule(), reason: 'correction' });
  });
}
