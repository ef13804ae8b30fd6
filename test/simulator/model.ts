import type { Books, ModelLine } from './books.ts';
import type { SimEvent } from './event-log.ts';
import { dayOf, POINTS, pointsOf, rounded, startOf } from './model-arithmetic.ts';
import type { PlainPay, PlainRule, PlainVersion } from './plain-terms.ts';

/** What an event must bring: lines without their ids, and held lines that it gives up. */
export interface ExpectedLine extends Omit<ModelLine, 'id'> {
  readonly what: 'line';
  readonly onceKey: string | null;
}
export interface ExpectedVoid {
  readonly what: 'void';
  readonly line: ModelLine;
  readonly period: string;
}
export type Expected = ExpectedLine | ExpectedVoid;

const DAY_MS = 86_400_000;

/** What an event earns and takes back now, given what was booked before it. */
export function expectedOf(books: Books, event: SimEvent): Expected[] {
  return books.contracts.flatMap((contract) => {
    const version = versionFor(books.versionsOf(contract), event);
    const earned = version?.rules.flatMap((rule) => earnedBy(books, event, version, rule)) ?? [];
    return [...earned, ...takenBack(books, event, contract)];
  });
}

/** The version in force on the day of an instant. */
export function versionOn(versions: readonly PlainVersion[], ms: number): PlainVersion | undefined {
  return versions.filter(({ from }) => startOf(from) <= ms).at(-1);
}

function versionFor(versions: readonly PlainVersion[], event: SimEvent): PlainVersion | undefined {
  const isPinned = versions[0]?.priceAt === 'application';
  return versionOn(versions, isPinned ? event.acceptedAtMs : event.occurredAtMs);
}

function earnedBy(books: Books, event: SimEvent, version: PlainVersion, rule: PlainRule): ExpectedLine[] {
  if (rule.on !== event.type) return [];
  const { contract } = version;
  const onceKey = `${contract}/${rule.id}/${onceOf(rule, event)}`;
  if (books.once.has(onceKey)) return [];
  const payableAtMs = event.occurredAtMs + rule.holdDays * DAY_MS;
  const payable = books.place(contract, payableAtMs);
  const before = countedLines(books, contract, rule.id);
  const inPeriod = before.filter(({ countsIn }) => countsIn === payable.period);
  const { base, amount } = priced(rule.pay, event, version, inPeriod);
  if (base === 0n) return [];
  const sameDay = before.filter((line) => dayOf(line.occurredAtMs) === dayOf(event.occurredAtMs));
  const isCapped = rule.cap !== null && (rule.cap.per === 'day' ? sameDay : inPeriod).length >= rule.cap.count;
  const isHeld = !isCapped && rule.holdDays > 0 && payableAtMs > event.recordedAtMs;
  const status = isCapped ? 'void' : isHeld ? 'pending' : 'payable';
  const where = {
    period: status === 'payable' ? payable.period : null,
    originalPeriod: status === 'payable' ? payable.originalPeriod : null,
    pendingPeriod: isHeld ? books.place(contract, event.occurredAtMs).period : null,
  };
  return [
    {
      what: 'line',
      contract,
      kind: 'accrual',
      version: version.id,
      rule: rule.id,
      on: event.type,
      base,
      amount: isCapped ? 0n : amount,
      ...objectOf(event),
      link: event.log.context?.link_code ?? null,
      occurredAtMs: event.occurredAtMs,
      payableAtMs,
      holdUntilMs: isHeld ? payableAtMs : null,
      reverses: null,
      reason: isCapped ? 'cap_exceeded' : null,
      status,
      ...where,
      countsIn: isCapped ? '' : payable.period,
      onceKey: isCapped ? null : onceKey,
    },
  ];
}

function onceOf({ per }: PlainRule, { application, applicant, loan, payment }: SimEvent): string {
  switch (per) {
    case 'application':
      return application;
    case 'applicant':
      return applicant;
    case 'loan':
      return loan?.id ?? '';
    case 'payment':
      return `${loan?.id} ${payment?.ref}`;
  }
}

function objectOf({ application, loan, payment }: SimEvent) {
  return { application, loan: loan?.id ?? null, payment: payment?.ref ?? null };
}

/** Lines that move a rule's tiers and caps. */
function countedLines(books: Books, contract: string, rule: string): ModelLine[] {
  return [...books.lines.values()].filter(
    (line) => line.contract === contract && line.rule === rule && line.kind === 'accrual' && line.countsIn !== '',
  );
}

function priced(pay: PlainPay, event: SimEvent, { rounding }: PlainVersion, inPeriod: readonly ModelLine[]) {
  const principal = BigInt(event.loan?.principal ?? 0);
  switch (pay.kind) {
    case 'fixed':
      return { base: null, amount: BigInt(pay.amount) };
    case 'percent': {
      const base = pay.of === 'principal' ? principal : BigInt(event.payment?.interest ?? 0);
      return { base, amount: rounded(pointsOf(base, pay.points), POINTS, rounding) };
    }
    case 'tier': {
      const before = inPeriod.reduce((sum, { base }) => sum + (base ?? 0n), 0n);
      const left = BigInt(pay.upTo) - before;
      const low = left <= 0n ? 0n : left < principal ? left : principal;
      const points = pointsOf(low, pay.low) + pointsOf(principal - low, pay.high);
      return { base: principal, amount: rounded(points, POINTS, rounding) };
    }
  }
}

function takenBack(books: Books, event: SimEvent, contract: string): Expected[] {
  const isAboutLoan = event.type.startsWith('loan.') || event.type.startsWith('installment.');
  const object = isAboutLoan ? event.loan?.id : event.application;
  const own = books.linesOf(object ?? '').filter((line) => line.contract === contract && line.status !== 'void');
  return own.flatMap((line) => {
    if (line.kind !== 'accrual') return [];
    const isOther = event.type.startsWith('installment.') && line.payment !== event.payment?.ref;
    return isOther ? [] : takenOf(books, event, line, own);
  });
}

function takenOf(books: Books, event: SimEvent, line: ModelLine, own: readonly ModelLine[]): Expected[] {
  const { clawbacks, rounding } = books.versionById(line.version);
  const age = dayOf(event.occurredAtMs) - dayOf(line.occurredAtMs);
  const clawback = clawbacks.find(
    ({ on, withinDays, rules }) =>
      on === event.type &&
      (withinDays === null || age <= withinDays) &&
      (rules === null || rules.includes(line.rule ?? '')),
  );
  if (clawback === undefined) return [];
  const changes = own.filter(({ reverses }) => reverses === line.id);
  const left = changes.reduce((sum, { amount }) => sum + amount, line.amount);
  const corrected = changes.reduce((sum, { amount, kind }) => sum + (kind === 'clawback' ? 0n : amount), line.amount);
  const before = changes.reduce((sum, { amount, kind, on }) => {
    return sum - (kind === 'clawback' && on === event.type ? amount : 0n);
  }, 0n);
  const wanted = rounded(pointsOf(corrected, clawback.points), POINTS, rounding) - before;
  const taken = wanted < left ? wanted : left;
  if (taken <= 0n) return [];
  const holdUntilMs =
    line.status === 'pending' && event.recordedAtMs < (line.holdUntilMs ?? 0) ? line.holdUntilMs : null;
  const occurred = books.place(line.contract, event.occurredAtMs).period;
  if (holdUntilMs !== null && changes.length === 0 && taken === line.amount) {
    const since = line.pendingPeriod ?? '';
    return [{ what: 'void', line, period: occurred > since ? occurred : since }];
  }
  const payableAtMs = Math.max(event.occurredAtMs, line.payableAtMs);
  const payable = books.place(line.contract, payableAtMs);
  const isHeld = holdUntilMs !== null;
  return [
    {
      what: 'line',
      contract: line.contract,
      kind: 'clawback',
      version: line.version,
      rule: line.rule,
      on: event.type,
      base: corrected,
      amount: -taken,
      application: line.application,
      loan: line.loan,
      payment: line.payment,
      link: line.link,
      occurredAtMs: event.occurredAtMs,
      payableAtMs,
      holdUntilMs,
      reverses: line.id,
      reason: null,
      status: isHeld ? 'pending' : 'payable',
      period: isHeld ? null : payable.period,
      originalPeriod: isHeld ? null : payable.originalPeriod,
      pendingPeriod: isHeld ? occurred : null,
      countsIn: '',
      onceKey: null,
    },
  ];
}
