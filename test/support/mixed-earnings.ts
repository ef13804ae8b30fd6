import type { LogEvent } from '../../src/events/event.ts';
import type { CommissionLine } from '../../src/revenue/commission-line.ts';

/**
 * What the terms of acme, summit and lantern pay for, worked out from the log by hand, where one person may be brought to
 * several lenders: a credit pays once a person, a loan once, a payment once. Amounts are not its concern.
 */
export function earningsInLog(events: readonly LogEvent[], partnerId: string): string[] {
  const earned = new Set<string>();
  for (const { type, data, context } of events) {
    if (context?.partner_id !== partnerId) continue;
    if (type === 'credit.granted' && partnerId !== 'summit') earned.add(`cpa ${context.applicant_token}`);
    if (type === 'loan.disbursed' && partnerId === 'acme') earned.add(`first ${data.loan_id}`);
    if (type === 'loan.disbursed' && partnerId === 'summit') earned.add(`placed ${data.loan_id}`);
    const paid = `${data.loan_id} ${data.payment_ref}`;
    if (type === 'installment.paid' && partnerId === 'acme') earned.add(`rs ${paid}`);
    if (type === 'installment.paid' && partnerId === 'summit') earned.add(`share ${paid}`);
  }
  return [...earned].sort();
}

/** The same of what was booked; an earning that was booked twice is there twice. */
export function earningsInBooks(lines: readonly CommissionLine[], events: readonly LogEvent[]): string[] {
  const people = new Map(events.map(({ subject, context }) => [subject, context?.applicant_token]));
  const objectOf = (line: CommissionLine): string => {
    if (line.rule === 'cpa') return String(people.get(line.application_id ?? ''));
    return line.payment_ref === null ? String(line.loan_id) : `${line.loan_id} ${line.payment_ref}`;
  };
  return lines
    .filter(({ kind }) => kind === 'accrual')
    .map((line) => `${line.rule} ${objectOf(line)}`)
    .sort();
}
