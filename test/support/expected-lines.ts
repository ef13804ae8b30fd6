import type { LogEvent } from '../../src/events/event.ts';
import type { CommissionLine } from '../../src/revenue/commission-line.ts';

/** One thing that is paid for: who is paid, by which rule, for what. */
type Earning = string;

/**
 * What the shipped terms of acme and summit pay for, worked out from the log by hand: one earning for each thing that
 * happened, however often its event was delivered. Amounts are not its concern.
 */
export function expectedEarnings(events: readonly LogEvent[]): Earning[] {
  const earned = new Set<Earning>();
  for (const event of events) {
    const { type, subject, data, context } = event;
    const partner = context?.partner_id;
    if (partner === 'acme') {
      if (type === 'credit.granted') earned.add(`acme cpa ${subject}`);
      if (type === 'loan.disbursed' && data.ordinal === 1) earned.add(`acme first ${data.loan_id}`);
      if (type === 'installment.paid') earned.add(`acme rs ${data.payment_ref}`);
    }
    if (partner === 'summit') {
      if (type === 'loan.disbursed') earned.add(`summit placed ${data.loan_id}`);
      if (type === 'installment.paid') earned.add(`summit share ${data.payment_ref}`);
    }
  }
  return [...earned].sort();
}

/** The same of what was booked; an earning that was booked twice is there twice. */
export function bookedEarnings(partnerId: string, lines: readonly CommissionLine[]): Earning[] {
  return lines
    .filter((line) => line.kind === 'accrual')
    .map((line) => `${partnerId} ${line.rule} ${line.payment_ref ?? line.loan_id ?? line.application_id}`)
    .sort();
}

/** Things that can happen once only, as often as the log tells them; empty when none is told twice. */
export function toldTwice(events: readonly LogEvent[]): string[] {
  const told = events
    .filter(({ type }) => ONCE.has(type))
    .map(({ type, subject, data }) => `${type} ${data.payment_ref ?? data.loan_id ?? subject}`);
  return told.filter((one, index) => told.indexOf(one) !== index);
}

const ONCE = new Set([
  'application.screening',
  'application.received',
  'application.refused',
  'application.submitted',
  'credit.granted',
  'loan.requested',
  'loan.disbursed',
  'loan.settled',
  'installment.paid',
]);
