import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { recordedEvent } from '../../../src/applications/context.ts';
import { sweepApplication } from '../../../src/applications/lifecycle/sweep-application.ts';
import { DAY_MS, msOf } from '../../../src/base/clock.ts';
import type { LogEvent } from '../../../src/events/event.ts';
import { BatchHistory } from '../../../src/revenue/batch-history.ts';
import { LedgerBatch } from '../../../src/revenue/ledger-batch.ts';
import { GENESIS_HEAD } from '../../../src/revenue/ledger-entry.ts';
import { type LoanFacts, loanFactsOf } from '../../../src/revenue/loan-facts.ts';
import { moneyEventOf } from '../../../src/revenue/money-event-of.ts';
import { postDrafts } from '../../../src/revenue/post-drafts.ts';
import { priceEvent } from '../../../src/revenue/price-event.ts';
import type { ContractTerms } from '../../../src/revenue/terms.ts';
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
  submitted,
  tell,
  wire,
} from '../applications/lifecycle/story.ts';
import { terms } from './fixtures.ts';

type Raw = ReturnType<typeof wire>;

/** What a partner of the sandbox is paid, as its file says. */
function termsOf(partner: string): ContractTerms {
  const file = new URL(`../../../partners/traffic/${partner}/partner.yaml`, import.meta.url);
  const [first] = parse(readFileSync(file, 'utf8')).terms as [Partial<ContractTerms>];
  return terms(first);
}

/** The log of an application that lives through a history, swept every day; each event is recorded when it happens. */
function logOf(raws: readonly Raw[]): LogEvent[] {
  const log: LogEvent[] = [];
  const { subject, attribution } = submitted();
  let application = submitted({
    accepted_at: at(0),
    subject: { ...subject, person: 'person-1' },
    attribution: { ...attribution, partner_id: 'acme' },
  });
  const write = (next: typeof application, drafts: ReturnType<typeof tell>['events'], nowMs: number): void => {
    application = next;
    for (const draft of drafts) {
      const event = recordedEvent(next, draft, new Date(nowMs).toISOString());
      log.push({ ...event, id: `evt_${log.length}`, shard: 0, position: `${log.length}-0` });
    }
  };
  const sorted = [...raws].sort((one, other) => (one.occurred_at < other.occurred_at ? -1 : 1));
  let day = 0;
  for (const raw of sorted) {
    const happenedMs = msOf(raw.occurred_at);
    for (; START + day * DAY_MS < happenedMs; day += 1) {
      const swept = sweepApplication(application, START + day * DAY_MS, PRODUCT);
      write(swept.application, swept.events, START + day * DAY_MS);
    }
    const told = tell(application, [raw], factsAt((happenedMs - START) / DAY_MS));
    write(told.application, told.events, happenedMs);
  }
  return log;
}

/** What the product books, kept in memory: the sum of every line that stands. */
function booked(log: readonly LogEvent[], contract: ContractTerms): bigint {
  const nothing = { once: new Set<string>(), counters: new Map(), applied: new Set<string>(), pricedTerms: new Map() };
  const state = { ...nothing, rev: '0', head: GENESIS_HEAD, openPeriods: {}, lines: [] };
  const batch = new LedgerBatch(state, START);
  const history = new BatchHistory(state, batch);
  const facts = new Map<string, LoanFacts>();
  for (const event of log) {
    const loanId = typeof event.data.loan_id === 'string' ? event.data.loan_id : '';
    const money = moneyEventOf(event, facts.get(loanId) ?? null);
    if (event.type === 'loan.disbursed') facts.set(loanId, loanFactsOf(event));
    if (money === undefined) continue;
    postDrafts(batch, money, priceEvent(money, [contract], history), {
      contracts: [contract],
      openPeriods: {},
      counterOf: (key) => history.counter(key),
      lineOf: (id) => history.lineOf(id),
    });
  }
  const standing = [...batch.lines.values()].filter(({ status }) => status !== 'void');
  return standing.reduce((sum, line) => sum + BigInt(line.amount), 0n);
}

const day = (instant: string) => DateTime.fromISO(instant, { zone: 'Asia/Shanghai' }).startOf('day');
const daysFrom = (from: string, to: string) => Math.round(day(to).diff(day(from), 'days').days);
/** n / d of an amount to the nearest minor unit, ties to even, in whole numbers. */
function part(amount: number, n: number, d: number): number {
  const low = Math.floor((amount * n) / d);
  const twice = (amount * n - low * d) * 2;
  return twice > d || (twice === d && low % 2 === 1) ? low + 1 : low;
}

interface Earned {
  readonly what: string;
  readonly at: string;
  readonly amount: number;
  readonly ref?: string | undefined;
  left: number;
  early: number;
}

/** The same from the log alone, by the words of each contract. */
function summed(log: readonly LogEvent[], partner: 'acme' | 'summit'): bigint {
  const earned: Earned[] = [];
  let paidOutAt = '';
  const earn = (what: string, when: string, amount: number, ref?: string) => {
    if (amount > 0) earned.push({ what, at: when, amount, ref, left: amount, early: 0 });
  };
  const takeAll = (those: (line: Earned) => boolean) => {
    for (const line of earned.filter(those)) line.left = 0;
  };
  for (const { type, data, occurred_at: when } of log) {
    if (type === 'credit.granted' && partner === 'acme') earn('cpa', when, 3_000);
    if (type === 'loan.disbursed') {
      paidOutAt = String(data.disbursed_at);
      earn('first', when, part(Number(data.principal), partner === 'acme' ? 15 : 10, 1_000));
    }
    if (type === 'installment.paid' && data.payer === 'borrower') {
      const service = (data.fees as { amount: number }[]).reduce((sum, fee) => sum + fee.amount, 0);
      earn('share', when, part(Number(data.interest) + service, 8, 100), String(data.payment_ref));
    }
    if (type === 'loan.cancelled') takeAll(({ what }) => what !== 'cpa');
    if (type === 'application.fraud_confirmed') takeAll(() => true);
    if (type === 'installment.reversed' && partner === 'summit') takeAll(({ ref }) => ref === data.payment_ref);
    if (partner !== 'acme') continue;
    if (type === 'loan.first_payment_default')
      takeAll((line) => line.what === 'first' && daysFrom(line.at, when) <= 90);
    if (type === 'loan.settled_early') {
      const term = Math.round(day(paidOutAt).plus({ months: 3 }).diff(day(paidOutAt), 'days').days);
      const unexpired = Math.max(0, term - daysFrom(paidOutAt, when));
      for (const line of earned.filter((each) => each.what !== 'cpa' && daysFrom(each.at, when) <= 30)) {
        const more = Math.min(line.left, Math.max(0, part(line.amount, unexpired, term) - line.early));
        line.left -= more;
        line.early += more;
      }
    }
  }
  return BigInt(earned.reduce((sum, line) => sum + line.left, 0));
}

const reversal = (ref: string, days: number) =>
  wire('installment.reversed', days, { payment_ref: ref, reason: 'bounced' });
const settled = (days: number) => wire('loan.settled', days, { settled_at: at(days), early: true });

/** A loan that runs, is paid in its own way, and ends in one of many. Due days: 31, 59, 90. */
const history: fc.Arbitrary<Raw[]> = fc
  .record({
    payments: fc.array(
      fc.record({
        no: fc.integer({ min: 1, max: 3 }),
        day: fc.integer({ min: 2, max: 110 }),
        interest: fc.integer({ min: 0, max: 1_500 }),
        payer: fc.constantFrom('borrower', 'borrower', 'guarantor'),
        reversedAfter: fc.option(fc.integer({ min: 1, max: 20 })),
      }),
      { maxLength: 5 },
    ),
    settlements: fc.array(fc.integer({ min: 3, max: 60 }), { maxLength: 3 }),
    end: fc.constantFrom('none', 'cancelled', 'returned', 'fraud', 'written_off'),
    endDay: fc.integer({ min: 1, max: 120 }),
    lenderSaysOverdue: fc.boolean(),
  })
  .map(({ payments, settlements, end, endDay, lenderSaysOverdue }) => {
    const raws = [granted(0.1), requested(0.15), disbursed(0.2)];
    for (const [index, { no, day: on, interest, payer, reversedAfter }] of payments.entries()) {
      const ref = `R-${index}`;
      const amounts = { payment_ref: ref, principal: cny(1_000), interest: cny(interest), payer, fees: [] };
      raws.push(paid(no, on + 0.3, amounts));
      if (reversedAfter !== null) raws.push(reversal(ref, on + reversedAfter + 0.4));
    }
    // What pays it off comes back, and it is settled once more.
    for (const [index, on] of [...settlements].sort((one, other) => one - other).entries()) {
      raws.push(paid(3, on + 0.5, { payment_ref: `S-${index}`, principal: cny(500), interest: cny(1), fees: [] }));
      raws.push(settled(on + 0.51), reversal(`S-${index}`, on + 2.6));
    }
    if (lenderSaysOverdue) raws.push(overdue(1, 61.6, 30));
    if (end === 'cancelled') raws.push(wire('loan.cancelled', Math.min(endDay, 3) + 0.7, { reason: 'cooling_off' }));
    if (end === 'returned') raws.push(wire('loan.cancelled', endDay + 0.7, { reason: 'payout_returned' }));
    if (end === 'fraud')
      raws.push(wire('application.fraud_confirmed', endDay + 0.7, { kind: 'identity', evidence_ref: 'F' }));
    if (end === 'written_off') raws.push(wire('loan.written_off', 121, { written_off_at: at(121) }));
    return [...raws, wire('complaint.opened', 130, { channel: 'phone', category: 'fees', due_on: '2026-06-01' })];
  });

describe.each(['acme', 'summit'] as const)('what %s is paid for a loan', (partner) => {
  test('is what its contract says of the log, never less than nothing, whatever the loan lives through', () => {
    const contract = termsOf(partner);
    fc.assert(
      fc.property(history, (raws) => {
        const log = logOf(raws);
        const told = log.map(({ type, occurred_at }) => `${occurred_at.slice(0, 10)} ${type}`);
        expect(log.filter(({ type }) => type === 'loan.first_payment_default').length).toBeLessThanOrEqual(1);
        expect([booked(log, contract), told]).toEqual([summed(log, partner), told]);
      }),
      { numRuns: 80 },
    );
  });
});
