import { PARTNER_EVENTS, type PartnerEvent } from '../../registry/schema/event-names.ts';

/** What a partner sees of loans after payout. */
export type Visibility = 'none' | 'status' | 'full';

const KNOWN: ReadonlySet<string> = new Set(PARTNER_EVENTS);

/** How a loan is repaid, and that it is not. */
const REPAYMENT_EVENTS: ReadonlySet<string> = new Set<PartnerEvent>([
  'loan.schedule_updated',
  'loan.overdue',
  'loan.cured',
  'loan.settled',
  'loan.written_off',
  'installment.paid',
  'installment.reversed',
  'repayment.succeeded',
  'repayment.failed',
]);

/** Whether an event of the log is one that partners may be told of at all. */
export function isPartnerEvent(type: string): type is PartnerEvent {
  return KNOWN.has(type);
}

/** Whether a partner of this visibility is told of such events. */
export function isTold(type: string, visibility: Visibility): boolean {
  return visibility !== 'none' || !REPAYMENT_EVENTS.has(type);
}

/** Whether a type is among these: `*`, a family such as `loan.*`, or types by name. */
export function isAmong(type: string, wanted: readonly string[]): boolean {
  const family = `${type.slice(0, type.indexOf('.'))}.*`;
  return wanted.some((pattern) => pattern === '*' || pattern === type || pattern === family);
}

/** What may be asked for: `*`, families, types. */
export function isEventPattern(text: string): boolean {
  if (text === '*' || KNOWN.has(text)) return true;
  return text.endsWith('.*') && PARTNER_EVENTS.some((type) => type.startsWith(text.slice(0, -1)));
}
