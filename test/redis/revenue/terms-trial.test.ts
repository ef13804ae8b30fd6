import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LogEvent } from '../../../src/events/event.ts';
import { type ExportFault, exportMoneyEvents } from '../../../src/revenue/trial/export-money-events.ts';
import { moneyEventLine, moneyEventLineSchema, moneyEventOfLine } from '../../../src/revenue/trial/money-event-line.ts';
import { reversedObject, TermsTrial } from '../../../src/revenue/trial/terms-trial.ts';
import { TrialTally } from '../../../src/revenue/trial/trial-tally.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { createDesk, disbursed, linesOf, logEvent } from './desk.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());

const PARTNER = 'acme';
const day = (date: number, month = '01') => `2026-${month}-${String(date).padStart(2, '0')}T04:00:00.000Z`;

/** The log of four shards, as a gateway would have written it. */
function shardsOf(events: readonly LogEvent[]) {
  return async (shard: number, after: string, count: number): Promise<LogEvent[]> => {
    const own = events.filter((_, index) => index % 4 === shard);
    const from = own.findIndex(({ position }) => position === after) + 1;
    return own.slice(from, from + count);
  };
}

describe('a trial of terms on what is in the log', () => {
  test('by the present terms books line for line what the ledger has booked', async () => {
    const desk = createDesk(redis, {
      rules: [
        {
          id: 'cpa',
          on: 'credit.granted',
          pay: { fixed: 3_000 },
          once_per: 'applicant',
          caps: { count: 9, per: 'day' },
        },
        { id: 'first', on: 'loan.disbursed', pay: { percent: '1.5', of: 'principal' }, hold_days: 15 },
        {
          id: 'vol',
          on: 'loan.disbursed',
          pay: {
            tiers: [{ up_to: 1_000_000, percent: '0.2' }, { percent: '0.5' }],
            measure: 'amount',
            of: 'principal',
            mode: 'marginal',
          },
        },
        {
          id: 'rs',
          on: 'installment.paid',
          pay: { percent: '8', of: ['interest', 'fees.service'] },
          payers: ['borrower'],
        },
      ],
      clawback: [
        { on: 'loan.cancelled', take: { percent: '100' } },
        { on: 'loan.settled_early', take: { percent: '100', pro_rata: 'unexpired_term' }, within_days: 30 },
        { on: 'installment.reversed', take: { fixed: 500 } },
      ],
    });
    desk.partners.add(PARTNER);
    const events: LogEvent[] = [];
    const tell = (...[type, at, data, application]: [LogEvent['type'], string, object, string]) =>
      events.push(logEvent(PARTNER, type, at, data as Record<string, unknown>, { application }));
    for (let index = 0; index < 12; index += 1) {
      const application = `app_${String(index).padStart(32, '0')}`;
      const data = disbursed(123_457 * (index + 1), { disbursed_at: day(2 + index) });
      const payment = { loan_id: data.loan_id, no: 1, payment_ref: `P-${index}`, principal: 1_000, interest: 7_501 };
      const fees = [{ kind: 'service', amount: 33 }];
      tell('credit.granted', day(1 + index), { amount: 5_000_000 }, application);
      tell('loan.disbursed', day(2 + index), data, application);
      if (index % 4 === 1)
        tell('loan.cancelled', day(4 + index), { loan_id: data.loan_id, reason: 'customer' }, application);
      if (index % 4 === 2) {
        tell('installment.paid', day(5 + index), { ...payment, fees, penalty: 0, payer: 'borrower' }, application);
        tell('installment.reversed', day(6 + index), { loan_id: data.loan_id, payment_ref: `P-${index}` }, application);
      }
      if (index % 4 === 3) tell('loan.settled_early', day(6 + index), { loan_id: data.loan_id }, application);
    }
    events.push(logEvent('summit', 'credit.granted', day(3), {}));
    const recorded = events.sort((a, b) => (a.recorded_at + a.id < b.recorded_at + b.id ? -1 : 1));
    for (const event of recorded) if (event.context?.partner_id === PARTNER) await desk.commission.apply(event);

    const faults: ExportFault[] = [];
    const wish = { partnerId: PARTNER, fromMs: Date.parse(day(1)), toMs: Date.parse(day(1, '03')) };
    const deps = { readLog: shardsOf(recorded), ledger: desk.store };
    const written: string[] = [];
    for await (const event of exportMoneyEvents(deps, wish, (fault) => faults.push(fault))) {
      written.push(moneyEventLine(event, (token) => `p-${token.length}-${token.slice(-4)}`));
    }
    expect(faults).toEqual([]);
    expect(written).toHaveLength(events.length - 1);
    expect(written.join()).not.toMatch(/token-app|ORDER-/);

    const read = written.map((line) => moneyEventOfLine(moneyEventLineSchema.parse(JSON.parse(line))));
    const reversible = new Set(read.map((event) => reversedObject(desk.contracts, event)));
    const trial = new TermsTrial(desk.contracts, (object) => reversible.has(object));
    const tally = new TrialTally(desk.contracts, '2026-01');
    const tried = read.flatMap((event) => {
      const outcome = trial.apply(event);
      if (outcome.result === 'unpriced') throw new Error(outcome.problem);
      for (const line of outcome.lines) tally.add(line);
      return outcome.lines;
    });
    const booked = await linesOf(desk, PARTNER);
    const said = tried
      .filter(({ kind }) => kind !== 'void')
      .map(({ rule, kind, amount, why }) => [rule, kind, amount, why]);
    const kept = booked.map(({ rule, kind, amount, why }) => [rule, kind, BigInt(amount), why]);
    expect(said.map(String).sort()).toEqual(kept.map(String).sort());
    const sumOf = (lines: readonly { readonly amount: bigint | number }[]) =>
      lines.reduce((sum, { amount }) => sum + BigInt(amount), 0n);
    const standing = booked.filter(({ status, payable_at: at }) => status !== 'void' && at < '2026-01-31T16');
    expect(tally.totals()).toEqual([
      {
        contract: 'main',
        currency: 'CNY',
        amount: sumOf(standing),
        tax: expect.any(BigInt),
        withheld: 0n,
      },
    ]);
    expect(sumOf(standing)).toBeGreaterThan(0n);
  });

  test('names the events that lack something, and leaves them out', async () => {
    const desk = createDesk(redis);
    const paid = logEvent('lost', 'installment.paid', day(5), { loan_id: `loan_${'9'.repeat(32)}` });
    const faults: ExportFault[] = [];
    const wish = { partnerId: 'lost', fromMs: 0, toMs: Date.parse(day(1, '03')) };
    const deps = { readLog: async (shard: number) => (shard === 0 ? [paid] : []), ledger: desk.store };
    for await (const _event of exportMoneyEvents(deps, wish, (fault) => faults.push(fault))) {
      throw new Error('nothing can be written of it');
    }
    expect(faults).toEqual([{ id: paid.id, problem: expect.stringContaining('disbursal is not known') }]);
  });
});
