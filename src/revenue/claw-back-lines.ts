import { derivedId } from '../base/ids.ts';
import { Rational } from '../base/rational.ts';
import { calendarDaysBetween, calendarDaysOfTerm, localDate } from './calendar.ts';
import type { CommissionDraft } from './commission-draft.ts';
import { spoken } from './decimal-money.ts';
import type { MoneyEvent, PricedLine } from './money-event.ts';
import { percentOf } from './percent-of.ts';
import type { ClawbackRule, ClawbackTake, ContractTerms } from './terms.ts';
import { UnsupportedTerms } from './unsupported-terms.ts';
import { termsById } from './version-in-force.ts';

/**
 * What one event takes back under one contract. Each line answers to the version that priced it; of several clawbacks
 * that fit, the first in file order counts. Never more than is left of the line after corrections and earlier
 * clawbacks. A line that is still held and loses all is voided, not reversed.
 * @param versions all versions of the contract
 */
export function clawBackLines(
  versions: readonly ContractTerms[],
  event: MoneyEvent,
  history: { linesOf(objectId: string): readonly PricedLine[] },
): CommissionDraft[] {
  const object = clawbackObject(versions, event);
  if (object === null) return [];
  const contract = versions[0]?.contract;
  const lines = history.linesOf(object).filter((line) => line.contract === contract && line.status !== 'void');
  return lines
    .filter((line) => line.kind === 'accrual' && earnedBy(event, line))
    .flatMap((line) => clawBackLine(termsById(versions, line.termsId, line.rule), line, lines, event));
}

/**
 * Id of the object whose lines the event may take back, null when no version claws back on it: the application (with
 * its loans) on application, credit and applicant events, the loan on loan events and on those of its payments.
 */
export function clawbackObject(versions: readonly ContractTerms[], event: MoneyEvent): string | null {
  if (!versions.some((terms) => terms.clawback.some(({ on }) => on === event.type))) return null;
  return isAboutLoan(event) ? (event.loan?.id ?? null) : (event.application?.id ?? null);
}

function isAboutLoan(event: MoneyEvent): boolean {
  if (/^(loan|installment|repayment)\./.test(event.type)) return true;
  return event.type.startsWith('complaint.') && event.loan !== null;
}

/** A payment's reversal takes back what that payment earned, not the whole loan. */
function earnedBy(event: MoneyEvent, line: PricedLine): boolean {
  if (!isAboutLoan(event)) return line.applicationId === event.application?.id;
  if (line.loanId !== event.loan?.id) return false;
  return event.type.startsWith('installment.') ? line.paymentRef === event.payment?.ref : true;
}

function clawBackLine(
  terms: ContractTerms,
  line: PricedLine,
  lines: readonly PricedLine[],
  event: MoneyEvent,
): CommissionDraft[] {
  const age = calendarDaysBetween(line.occurredAtMs, event.occurredAtMs, terms.timezone);
  const clawback = terms.clawback.find(
    ({ on, rules, within_days }) =>
      on === event.type &&
      (rules === undefined || rules.includes(line.rule ?? '')) &&
      (within_days === undefined || age <= within_days),
  );
  if (clawback === undefined) return [];
  const changes = lines.filter(({ reverses }) => reverses === line.id);
  const left = changes.reduce((sum, change) => sum + change.amount, line.amount);
  const corrected = changes
    .filter(({ kind }) => kind !== 'clawback')
    .reduce((sum, { amount }) => sum + amount, line.amount);
  const { wanted, how } = wantedOf(terms, clawback, line, event, corrected);
  const taken = smaller(wanted - takenBefore(changes, event), left);
  if (taken <= 0n) return [];
  const holdUntilMs = line.status === 'pending' && isHeldAt(line, event.recordedAtMs) ? line.holdUntilMs : null;
  const isVoid = holdUntilMs !== null && changes.length === 0 && taken === line.amount;
  const within = clawback.within_days === undefined ? '' : ` of ${clawback.within_days}`;
  return [
    {
      transferId: derivedId('com', event.counterparty, event.id, line.contract, line.rule ?? '', line.id),
      contract: line.contract,
      termsId: line.termsId,
      rule: line.rule ?? '',
      on: event.type,
      kind: isVoid ? 'void' : 'clawback',
      base: isVoid ? null : corrected,
      rate: isVoid ? null : (clawback.take.percent ?? null),
      amount: -taken,
      currency: line.currency,
      onceKey: null,
      holdUntilMs: isVoid ? null : holdUntilMs,
      payableAtMs: Math.max(event.occurredAtMs, line.payableAtMs),
      reverses: line.id,
      voidReason: null,
      counters: [],
      why:
        `${how.of} the ${spoken(corrected, line.currency)} that rule ${line.rule} paid on ` +
        `${localDate(line.occurredAtMs, terms.timezone)}${how.share} is ${isVoid ? 'given up while held' : 'taken back'}: ` +
        `${event.type} on ${localDate(event.occurredAtMs, terms.timezone)}, day ${age}${within}, ${spoken(taken, line.currency)}.`,
    },
  ];
}

/** What the clawback takes of a line, before what is left of it and what was taken already are looked at; and in words. */
function wantedOf(
  terms: ContractTerms,
  { take }: ClawbackRule,
  line: PricedLine,
  event: MoneyEvent,
  corrected: bigint,
): { readonly wanted: bigint; readonly how: { readonly of: string; readonly share: string } } {
  if ((take.percent === undefined) === (take.fixed === undefined)) {
    throw new UnsupportedTerms('terms_unsupported', terms.id, line.rule, 'take needs one of percent, fixed');
  }
  if (take.fixed !== undefined) {
    const wanted = BigInt(take.fixed);
    return { wanted, how: { of: `A fixed ${spoken(wanted, line.currency)} of`, share: '' } };
  }
  const { percent = '0' } = take;
  const share = takenShare(terms, take, line, event);
  return {
    wanted: percentOf(corrected, percent).mul(share).round(terms.rounding),
    how: { of: `${percent} % of`, share: take.pro_rata === undefined ? '' : ` × ${share} of the term unexpired` },
  };
}

/**
 * What events of the same type have taken already, of a type that can come again for the same reason: a loan that was settled
 * early, opened again by a payment that came back, and settled again; arrears that reach the next bucket. Each complaint
 * stands for itself.
 */
function takenBefore(changes: readonly PricedLine[], { type }: MoneyEvent): bigint {
  if (type.startsWith('complaint.')) return 0n;
  const before = changes.filter(({ kind, on }) => kind === 'clawback' && on === type);
  return before.reduce((sum, { amount }) => sum - amount, 0n);
}

function smaller(a: bigint, b: bigint): bigint {
  return a > b ? b : a;
}

/** By the recording time, not by whether the release has been posted: a replay decides the same. */
function isHeldAt(line: PricedLine, recordedAtMs: number): boolean {
  return line.holdUntilMs !== null && recordedAtMs < line.holdUntilMs;
}

/** Part of the line that a clawback applies to: all of it, or the days of the term that were still to run. */
function takenShare(terms: ContractTerms, take: ClawbackTake, line: PricedLine, event: MoneyEvent): Rational {
  if (take.pro_rata === undefined) return Rational.ONE;
  if (take.pro_rata !== 'unexpired_term') {
    throw new UnsupportedTerms('terms_unsupported', terms.id, line.rule, `pro_rata ${take.pro_rata} is unknown`);
  }
  const { termMonths, termDays, disbursedAtMs } = event.loan ?? {};
  // What an instalment earned does not say when the loan began; what the loan itself earned does.
  const startMs = disbursedAtMs ?? (line.paymentRef === null ? line.occurredAtMs : null);
  const days =
    startMs === null
      ? null
      : (termDays ?? (termMonths ? calendarDaysOfTerm(startMs, termMonths, terms.timezone) : null));
  if (startMs === null || days === null || days <= 0) {
    throw new UnsupportedTerms(
      'term_unavailable',
      terms.id,
      line.rule,
      'unexpired_term needs a loan with a start and a term',
    );
  }
  const elapsed = calendarDaysBetween(startMs, event.occurredAtMs, terms.timezone);
  return Rational.of(Math.min(days, Math.max(0, days - elapsed)), days);
}
