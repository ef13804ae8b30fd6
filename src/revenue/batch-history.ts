import { type CommissionLine, pricedLineOf } from './commission-line.ts';
import { type CounterValue, ZERO_COUNTER } from './counters.ts';
import type { LedgerBatch } from './ledger-batch.ts';
import type { PricingState } from './ledger-store.ts';
import type { PricedLine } from './money-event.ts';
import type { PricingHistory } from './price-event.ts';

/** What the ledger held when it was read, seen through what the batch has changed since. */
export class BatchHistory implements PricingHistory {
  readonly openPeriods: PricingState['openPeriods'];
  readonly #state: PricingState;
  readonly #batch: LedgerBatch;
  readonly #lines: ReadonlyMap<string, CommissionLine>;

  constructor(state: PricingState, batch: LedgerBatch) {
    this.openPeriods = state.openPeriods;
    this.#state = state;
    this.#batch = batch;
    this.#lines = new Map(state.lines.map((line) => [line.id, line]));
  }

  onceKeysSeen(key: string): boolean {
    return this.#batch.once.has(key) || this.#state.once.has(key);
  }

  linesOf(objectId: string): readonly PricedLine[] {
    const found = new Map<string, CommissionLine>();
    for (const lines of [this.#lines, this.#batch.lines]) {
      for (const [id, line] of lines) {
        if (line.application_id === objectId || line.loan_id === objectId) found.set(id, line);
      }
    }
    return [...found.values()].map(pricedLineOf);
  }

  counter(key: string): CounterValue {
    return this.#batch.counters.get(key) ?? this.#state.counters.get(key) ?? ZERO_COUNTER;
  }

  lineOf(id: string): CommissionLine | undefined {
    return this.#batch.lines.get(id) ?? this.#lines.get(id);
  }
}
