import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recordedEvent } from '../../../src/applications/context.ts';
import { outstandingPrincipal } from '../../../src/applications/lifecycle/available.ts';
import { dayOf } from '../../../src/applications/lifecycle/calendar-days.ts';
import type { DatedPayment } from '../../../src/applications/lifecycle/dated.ts';
import { isRunning } from '../../../src/applications/lifecycle/loan-transitions.ts';
import { sweepApplication } from '../../../src/applications/lifecycle/sweep-application.ts';
import type { Application } from '../../../src/applications/model.ts';
import { DAY_MS, msOf } from '../../../src/base/clock.ts';
import type { LogEvent } from '../../../src/events/event.ts';
import { NOTHING } from '../../../src/insight/totals/compare-totals.ts';
import { type CountedLoan, loanOfTotals, totalsStepOf } from '../../../src/insight/totals/totals-step.ts';
import {
  at,
  cny,
  disbursed,
  factsAt,
  granted,
  overdue,
  PRODUCT,
  paid,
  requested,
  START,
  schedule,
  submitted,
  tell,
  wire,
} from '../applications/lifecycle/story.ts';

type Days = Map<string, Record<string, number>>;

/** What the log of an application comes to by day. */
class Counted {
  readonly days: Days = new Map();
  readonly #loans = new Map<string, CountedLoan>();

  add(event: LogEvent): void {
    const step = totalsStepOf(event, this.#loans.get(loanOfTotals(event) ?? ''), () => PRODUCT.timezone);
    if (step === null) return;
    for (const [name, amount] of Object.entries(step.adds)) put(this.days, step.day, name, amount);
    if (step.loan) this.#loans.set(step.loan.id, step.loan);
  }

  sum(name: string): number {
    return [...this.days.values()].reduce((sum, day) => sum + (day[name] ?? 0), 0);
  }
}

function put(days: Days, day: string, name: string, amount: number): void {
  const known = days.get(day) ?? { ...NOTHING };
  known[name] = (known[name] ?? 0) + amount;
  days.set(day, known);
}

/** Everything but what is outstanding, by day, from what has become of the loans: the log is not asked. */
function dayByDay({ loans, credit }: Application): Days {
  const days: Days = new Map();
  const on = (instant: string, figures: Readonly<Record<string, number>>): void => {
    for (const [name, amount] of Object.entries(figures)) {
      put(days, dayOf(msOf(instant), PRODUCT.timezone), name, amount);
    }
  };
  if (credit?.granted_at) on(credit.granted_at, { granted_count: 1, granted_amount: 500_000 });
  for (const loan of loans) {
    if (loan.disbursed_at === null) continue;
    on(loan.disbursed_at, { disbursed_count: 1, disbursed_principal: loan.amount.amount });
    for (const payment of loan.payments as readonly DatedPayment[]) {
      const fees = payment.fees.reduce((sum, fee) => sum + fee.amount, 0);
      const paidOn = (sign: 1 | -1) => ({
        paid_count: sign,
        paid_principal: sign * payment.principal,
        paid_interest: sign * payment.interest,
        paid_fees: sign * fees,
        paid_penalty: sign * payment.penalty,
      });
      on(payment.paid_at, paidOn(1));
      if (payment.reversed_at !== undefined) on(payment.reversed_at, paidOn(-1));
    }
  }
  return days;
}

function flows(days: Days): [string, string, number][] {
  const figures = [...days].flatMap(([day, of]) => Object.entries(of).map(([name, n]) => [day, name, n] as const));
  return figures
    .filter(([, name, amount]) => amount !== 0 && name !== 'applications' && !name.startsWith('outstanding'))
    .map((one): [string, string, number] => [...one])
    .sort((one, other) => (one.join() < other.join() ? -1 : 1));
}

const waived = (days: number, left: number) => {
  const items = schedule().map((item) => ({ ...item, principal: cny(left) }));
  return wire('loan.schedule_updated', days, { schedule: items, reason: 'waiver' });
};

/** Anything that can happen to a loan that was paid out, in any order; days are those on which it happened. */
const anything = fc
  .record({
    days: fc.integer({ min: 1, max: 150 }),
    lag: fc.integer({ min: 0, max: 3 }),
    no: fc.integer({ min: 1, max: 3 }),
    ref: fc.constantFrom('P-1', 'P-2', 'P-3', 'P-4', 'P-5'),
    amount: fc.constantFrom(0, 30_000, 60_000, 100_000),
    pick: fc.nat(13),
  })
  .map(({ days, lag, no, ref, amount, pick }) => {
    const told = { occurred_at: at(days + lag) };
    const part = { payment_ref: ref, principal: cny(amount), penalty: cny(77), paid_at: at(days) };
    const makers = [
      () => ({ ...paid(no, days, part), ...told }),
      () => ({ ...paid(no, days, part), ...told }),
      () => ({ ...paid(no, days, { ...part, interest: cny(0), fees: [], waived: cny(1_500) }), ...told }),
      () => ({ ...paid(no, days, { payment_ref: ref, paid_at: at(days) }), ...told }),
      () => wire('installment.reversed', days, { payment_ref: ref, reason: 'bounced' }),
      () => wire('installment.reversed', days, { payment_ref: ref, reason: 'bounced' }),
      () => ({ ...wire('loan.settled', days, { settled_at: at(days) }), ...told }),
      () => ({ ...wire('loan.settled', days, { settled_at: at(days) }), ...told }),
      () => overdue(no, days, Math.max(1, days - 31)),
      () => wire('loan.cured', days),
      () =>
        pick === 10 && days > 120 ? wire('loan.written_off', days, { written_off_at: at(days) }) : overdue(1, days, 3),
      () => wire('loan.schedule_updated', days, { schedule: schedule(), reason: 'correction' }),
      () => waived(days, amount),
      () => wire('loan.cancelled', days, { reason: days < 4 ? 'cooling_off' : 'payout_returned' }),
    ];
    return { raw: (makers[pick] ?? (() => wire('loan.cured', days)))(), sweep: amount === 0 ? days : null };
  });

describe('totals of a lender’s days', () => {
  test('are what has become of its loans, whatever is told late, taken back, waived or opened again', () => {
    fc.assert(
      fc.property(fc.array(anything, { minLength: 1, maxLength: 25 }), (steps) => {
        const counted = new Counted();
        let application = submitted();
        let place = 0;
        const write = (next: Application, drafts: ReturnType<typeof tell>['events']): void => {
          for (const draft of drafts) {
            place += 1;
            const event = recordedEvent(next, draft, at(200));
            counted.add({ ...event, id: `evt_${place}`, shard: 0, position: `${place}-0` });
          }
          application = next;
        };
        const hear = (raw: unknown): void => {
          const told = tell(application, [raw], factsAt(200));
          write(told.application, told.events);
        };
        for (const raw of [granted(0.1), requested(0.15), disbursed(0.2)]) hear(raw);
        for (const { raw, sweep } of steps) {
          hear(raw);
          if (sweep !== null) {
            const swept = sweepApplication(application, START + sweep * DAY_MS, PRODUCT);
            write(swept.application, swept.events);
          }
          const running = application.loans.filter(isRunning);
          const left = running.reduce((sum, loan) => sum + outstandingPrincipal(loan), 0);
          expect([raw.type, counted.sum('outstanding_count')]).toEqual([raw.type, running.length]);
          expect([raw.type, counted.sum('outstanding_principal')]).toEqual([raw.type, left]);
        }
        expect(flows(counted.days)).toEqual(flows(dayByDay(application)));
      }),
      { numRuns: 150 },
    );
  });
});
