import { BatchHistory } from '../../../../src/revenue/batch-history.ts';
import type { CommissionLine } from '../../../../src/revenue/commission-line.ts';
import { contractPeriodAt, contractPeriodById, place } from '../../../../src/revenue/contract-calendar.ts';
import { ZERO_COUNTER } from '../../../../src/revenue/counters.ts';
import { LedgerBatch } from '../../../../src/revenue/ledger-batch.ts';
import { GENESIS_HEAD } from '../../../../src/revenue/ledger-entry.ts';
import type { MoneyEvent } from '../../../../src/revenue/money-event.ts';
import { postDrafts } from '../../../../src/revenue/post-drafts.ts';
import { priceEvent } from '../../../../src/revenue/price-event.ts';
import { readsFor } from '../../../../src/revenue/reads-for.ts';
import type { ContractTerms } from '../../../../src/revenue/terms.ts';
import { postTrueUps, trueUpRules } from '../../../../src/revenue/true-ups.ts';
import { UnsupportedTerms } from '../../../../src/revenue/unsupported-terms.ts';

/** The books as the product keeps them, in memory: what a script writes stays in one batch. */
export class EngineBook {
  /** Event of each line; true-ups have none. */
  readonly eventOf = new Map<string, string>();
  readonly #contracts: readonly ContractTerms[];
  readonly #batch: LedgerBatch;
  readonly #open: Record<string, string> = {};

  constructor(contracts: readonly ContractTerms[]) {
    this.#contracts = contracts;
    this.#batch = new LedgerBatch({ rev: '0', head: GENESIS_HEAD }, 0);
  }

  get lines(): readonly CommissionLine[] {
    return [...this.#batch.lines.values()];
  }

  /** @returns whether it could be priced */
  book(event: MoneyEvent): boolean {
    const history = this.#history();
    try {
      const reads = readsFor(event, this.#contracts, history.openPeriods);
      const drafts = priceEvent(event, this.#contracts, {
        onceKeysSeen: (key) => wasRead(reads.onceKeys, key) && history.onceKeysSeen(key),
        linesOf: (id) => (wasRead(reads.objects, id) ? history.linesOf(id) : []),
        counter: (key) => (wasRead(reads.counters, key) ? history.counter(key) : ZERO_COUNTER),
        openPeriods: history.openPeriods,
      });
      for (const { transferId, counters } of drafts) {
        this.eventOf.set(transferId, event.id);
        for (const { key } of counters) wasRead(reads.counters, key);
      }
      postDrafts(this.#batch, event, drafts, {
        contracts: this.#contracts,
        openPeriods: history.openPeriods,
        counterOf: (key) => history.counter(key),
        lineOf: (id) => history.lineOf(id),
      });
      return true;
    } catch (error) {
      if (error instanceof UnsupportedTerms) return false;
      throw error;
    }
  }

  /** Holds that are over become payable. */
  release(nowMs: number): void {
    for (const line of this.lines) {
      if (line.status !== 'pending' || Date.parse(line.hold_until ?? '') > nowMs) continue;
      const placed = place(this.#versions(line.contract), Date.parse(line.payable_at), this.#open[line.contract]);
      const { period, originalPeriod } = placed;
      this.#batch.putLine({ ...line, status: 'payable', period, original_period: originalPeriod });
    }
  }

  /** Cuts every period of every contract that has ended, and settles those that something lies in. */
  cut(nowMs: number): void {
    this.release(nowMs);
    for (const contract of new Set(this.#contracts.map((terms) => terms.contract))) {
      const versions = this.#versions(contract);
      const before = this.#open[contract] ?? '';
      const open = contractPeriodAt(versions, nowMs).id;
      if (open <= before) continue;
      this.#open[contract] = open;
      const ended = new Set(
        this.lines.filter((line) => line.contract === contract).map(({ period }) => period ?? open),
      );
      for (const id of [...ended].filter((one) => one >= before && one < open).sort()) {
        const period = contractPeriodById(versions, id);
        if (period === null) throw new Error(`${id} is no period`);
        const rules = trueUpRules(versions, period);
        const counterOf = (key: string) => this.#batch.counters.get(key) ?? ZERO_COUNTER;
        postTrueUps(this.#batch, 'acme', period, 1, rules, counterOf);
      }
    }
  }

  #versions(contract: string): ContractTerms[] {
    return this.#contracts.filter((terms) => terms.contract === contract);
  }

  #history(): BatchHistory {
    const nothing = { once: new Set<string>(), counters: new Map(), applied: new Set<string>(), lines: [] };
    const state = { ...nothing, pricedTerms: new Map(), rev: '0', head: GENESIS_HEAD, openPeriods: { ...this.#open } };
    return new BatchHistory(state, this.#batch);
  }
}

/** Pricing may only ask for what was read beforehand: anything else would not be there. */
function wasRead(read: readonly string[], asked: string): true {
  if (!read.includes(asked)) throw new Error(`${asked} was not read`);
  return true;
}
