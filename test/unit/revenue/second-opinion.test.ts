import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ContractTerms } from '../../../src/revenue/terms.ts';
import { bookByTheContract, settleByTheContract } from './second-opinion/by-the-contract.ts';
import { EngineBook } from './second-opinion/by-the-engine.ts';
import { periodEnd, periodStart } from './second-opinion/days.ts';
import { type Happening, randomCase } from './second-opinion/random-history.ts';
import { CannotBePriced, type SoughtBook, type SoughtLine } from './second-opinion/sought.ts';

/** 2 000 a run; SLUICE_TERMS_CASES=100000 for the whole. */
const CASES = Number(process.env.SLUICE_TERMS_CASES ?? 2_000);
const MINUTES_MS = 60_000;
const WEEKS_MS = 40 * 86_400_000;

interface Told {
  readonly lines: readonly string[];
  readonly unpriced: readonly string[];
}

function engineSays(contracts: readonly ContractTerms[], history: readonly Happening[]): Told {
  const book = new EngineBook(contracts);
  const unpriced: string[] = [];
  for (const { event, before } of history) {
    if (before === 'cut') book.cut(event.recordedAtMs);
    if (before === 'release') book.release(event.recordedAtMs);
    if (!book.book(event)) unpriced.push(event.id);
  }
  book.cut(endOf(history));
  const name = (id: string | null) => (id === null ? '-' : (book.eventOf.get(id) ?? '-'));
  const lines = book.lines.map((line) =>
    [
      ...[line.kind === 'true_up' ? `settled ${line.period}` : name(line.id), line.contract, line.terms_id, line.rule],
      ...[line.kind, line.base, line.rate, line.amount, line.status, line.reason, line.hold_until, line.payable_at],
      ...[line.period, line.original_period, name(line.reverses), line.clawed_back],
    ].join(' '),
  );
  return { lines: lines.sort(), unpriced };
}

function contractSays(contracts: readonly ContractTerms[], history: readonly Happening[]): Told {
  const book: SoughtBook = { lines: [], open: new Map() };
  const unpriced: string[] = [];
  for (const { event, before } of history) {
    if (before === 'cut') cut(book, contracts, event.recordedAtMs);
    try {
      bookByTheContract(book, contracts, event);
    } catch (error) {
      if (!(error instanceof CannotBePriced)) throw error;
      unpriced.push(event.id);
    }
  }
  const end = endOf(history);
  cut(book, contracts, end);
  const iso = (ms: number | null) => (ms === null ? '' : new Date(ms).toISOString());
  const lines = book.lines.map((line) => {
    const status = line.voided !== null ? 'void' : line.hold !== null && line.hold > end ? 'pending' : 'payable';
    const isListed = status === 'payable';
    const taken = book.lines.filter(({ reverses }) => reverses === line).reduce((sum, { amount }) => sum - amount, 0n);
    return [
      ...[line.event, line.contract, line.terms, line.rule, line.kind, line.base, line.rate, line.amount, status],
      ...[line.voided, iso(line.hold), iso(line.payable), isListed ? line.period : '', isListed ? line.original : ''],
      ...[line.reverses?.event ?? '-', taken],
    ].join(' ');
  });
  return { lines: lines.sort(), unpriced };
}

/** Some weeks after the last event: most of what was held is released, and most periods are settled. */
function endOf(history: readonly Happening[]): number {
  return (history.at(-1)?.event.recordedAtMs ?? 0) + WEEKS_MS;
}

/** Every period that has ended is cut; those that a statement would list something for are settled. */
function cut(book: SoughtBook, contracts: readonly ContractTerms[], now: number): void {
  for (const contract of new Set(contracts.map((terms) => terms.contract))) {
    const versions = contracts.filter((terms) => terms.contract === contract);
    const [terms] = versions;
    if (terms === undefined) continue;
    const before = book.open.get(contract) ?? '';
    const open = periodStart(terms, now);
    if (open <= before) continue;
    book.open.set(contract, open);
    const isListed = (line: SoughtLine) =>
      line.contract === contract && line.voided === null && (line.hold === null || line.hold <= now);
    const ended = new Set(book.lines.filter(isListed).map(({ period }) => period));
    for (const id of [...ended].filter((one) => one >= before && one < open).sort()) {
      settleByTheContract(book, versions, { id, end: periodEnd(terms, id) });
    }
  }
}

describe('a second implementation', () => {
  test(
    `of the terms, by looking through everything that was booked, agrees on ${CASES} random contracts and histories`,
    () => {
      const seen = { lines: 0, kinds: new Map<string, number>(), unpriced: 0, events: 0 };
      fc.assert(
        fc.property(randomCase, ({ contracts, history }) => {
          const engine = engineSays(contracts, history);
          expect(engine).toEqual(contractSays(contracts, history));
          seen.events += history.length;
          seen.lines += engine.lines.length;
          seen.unpriced += engine.unpriced.length;
          for (const line of engine.lines) {
            const [kind = '', status = ''] = [
              line.split(' ').at(line.startsWith('settled') ? 5 : 4),
              line.split(' ').at(8),
            ];
            const what = /clawback|true_up/.test(kind) ? kind : `${kind} ${status}`;
            seen.kinds.set(what, (seen.kinds.get(what) ?? 0) + 1);
          }
        }),
        { numRuns: CASES, endOnFailure: false },
      );
      // Nothing is proved by cases in which nothing happens.
      expect(seen.lines).toBeGreaterThan(CASES);
      for (const what of ['accrual payable', 'accrual void', 'accrual pending', 'clawback', 'true_up']) {
        expect([what, (seen.kinds.get(what) ?? 0) > CASES / 500]).toEqual([what, true]);
      }
      if (process.env.SLUICE_TERMS_CASES !== undefined) {
        process.stdout.write(`${JSON.stringify({ ...seen, kinds: Object.fromEntries(seen.kinds) })}\n`);
      }
    },
    60 * MINUTES_MS,
  );
});
