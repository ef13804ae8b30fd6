import type { Instalment, Schedule } from '../applications/quote/schedule.ts';
import { DAY_MS, isoOf, SECOND_MS } from '../base/clock.ts';
import type { Product } from '../registry/schema/product.ts';
import type { Scenario } from './sandbox-scenario.ts';
import { type EventObject, type Step, StepList } from './sandbox-step.ts';
import {
  type Asked,
  dayOf,
  instantOn,
  interestForDays,
  moneyIn,
  nextDay,
  planOf,
  wireInstalment,
} from './sandbox-terms.ts';

/** One drawdown at the sandbox lender. */
export interface Drawdown {
  readonly scenario: Scenario;
  readonly product: Product;
  readonly asked: Asked;
  /** Prefix of step ids, e.g. the loan id. */
  readonly key: string;
  /** How events name the loan. */
  readonly object: EventObject;
  readonly funderId: string | null;
  /** When it was asked for, ms of the sandbox clock. */
  readonly requestedMs: number;
}

const PAYING_OUT_AFTER_MS = SECOND_MS / 2;
const DISBURSED_AFTER_MS = SECOND_MS;
/** Debits run at ten in the morning of the due day. */
const DEBIT_HOUR = 10;
/** The overdue report is made half an hour into the day after the due day. */
const OVERDUE_MINUTE = 30;
/** Instalments that an early settler pays before it pays the rest. */
const PAID_BEFORE_SETTLING = 2;
/** A loan of one payment is settled early after so many days. */
const SINGLE_PAYMENT_SETTLED_DAYS = 10;

/** Everything that the lender will report about a loan, from payout to its end, if nothing interferes. */
export function loanSteps(drawdown: Drawdown): Step[] {
  const { scenario, requestedMs } = drawdown;
  const list = new StepList(drawdown.key, drawdown.object);
  list.add(requestedMs + PAYING_OUT_AFTER_MS, 'loan.paying_out');
  const disbursedMs = requestedMs + DISBURSED_AFTER_MS;
  if (scenario === 'payout_fails') {
    list.add(disbursedMs, 'loan.payout_failed', { reason: 'bank_rejected' });
    return list.steps;
  }
  const plan = planOf(drawdown.product, drawdown.asked, disbursedMs);
  addDisbursal(list, drawdown, plan, disbursedMs);
  switch (scenario) {
    case 'cooling_off':
      list.add(disbursedMs + DAY_MS, 'loan.cancelled', { reason: 'cooling_off' });
      break;
    case 'first_payment_default':
      addOverdue(list, drawdown, plan);
      break;
    case 'settles_early':
      addEarlySettlement(list, drawdown, plan, disbursedMs);
      break;
    default:
      addRepayments(list, drawdown, plan.schedule);
      addSettled(list, lastDebitMs(drawdown.product, plan) + SECOND_MS, false);
  }
  return list.steps;
}

function addDisbursal(list: StepList, drawdown: Drawdown, plan: Schedule, disbursedMs: number): void {
  const { product, asked, funderId, key } = drawdown;
  const money = moneyIn(product.currency);
  list.add(disbursedMs, 'loan.disbursed', {
    principal: money(asked.amount),
    received: money(plan.received),
    disbursed_at: isoOf(disbursedMs),
    ...(funderId === null ? {} : { funder_id: funderId }),
    contract_no: `C-${key}`,
    schedule: plan.schedule.map((instalment) => wireInstalment(product.currency, instalment)),
  });
}

function addRepayments(list: StepList, { product, key }: Drawdown, schedule: readonly Instalment[]): void {
  for (const instalment of schedule) {
    addPayment(list, product, key, instalment, instantOn(product, instalment.dueOn, DEBIT_HOUR));
  }
}

function addPayment(list: StepList, product: Product, key: string, instalment: Instalment, atMs: number): void {
  const { no, principal, interest, fees } = wireInstalment(product.currency, instalment);
  const nothing = moneyIn(product.currency)(0n);
  list.add(atMs, 'installment.paid', {
    no,
    payment_ref: `P-${key}-${no}`,
    principal,
    interest,
    fees,
    penalty: nothing,
    waived: nothing,
    payer: 'borrower',
    paid_at: isoOf(atMs),
  });
}

function addSettled(list: StepList, atMs: number, early: boolean): void {
  list.add(atMs, 'loan.settled', { settled_at: isoOf(atMs), early });
}

function lastDebitMs(product: Product, plan: Schedule): number {
  return Math.max(...plan.schedule.map((instalment) => instantOn(product, instalment.dueOn, DEBIT_HOUR)));
}

function addOverdue(list: StepList, { product }: Drawdown, plan: Schedule): void {
  const [first] = plan.schedule;
  if (!first) return;
  list.add(instantOn(product, nextDay(first.dueOn), 0, OVERDUE_MINUTE), 'loan.overdue', {
    no: first.no,
    days_past_due: 1,
    amount_overdue: moneyIn(product.currency)(first.total),
  });
}

/**
 * Two instalments on time, and on the day after the second all the rest at once: the plan is cut to one last instalment
 * with the interest of the days since, which is then paid.
 */
function addEarlySettlement(list: StepList, drawdown: Drawdown, plan: Schedule, disbursedMs: number): void {
  const { product, key } = drawdown;
  const kept = plan.schedule.slice(0, Math.min(PAID_BEFORE_SETTLING, plan.schedule.length - 1));
  addRepayments(list, drawdown, kept);
  const previous = kept.at(-1)?.dueOn;
  const disbursedOn = dayOf(product, disbursedMs);
  const days = previous === undefined ? SINGLE_PAYMENT_SETTLED_DAYS : 1;
  const settledOn = nextDay(previous ?? disbursedOn, days);
  const settledMs = instantOn(product, settledOn, DEBIT_HOUR);
  const owed = plan.schedule.slice(kept.length).reduce((sum, instalment) => sum + instalment.principal, 0n);
  const interest = interestForDays(product, owed, days);
  const no = kept.length + 1;
  const rest: Instalment = { no, dueOn: settledOn, principal: owed, interest, fees: [], total: owed + interest };
  list.add(settledMs, 'loan.schedule_updated', {
    schedule: [...kept, rest].map((instalment) => wireInstalment(product.currency, instalment)),
    reason: 'prepayment',
  });
  addPayment(list, product, key, rest, settledMs + SECOND_MS);
  addSettled(list, settledMs + 2 * SECOND_MS, true);
}
