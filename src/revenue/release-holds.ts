import { type Clock, msOf } from '../base/clock.ts';
import { derivedId } from '../base/ids.ts';
import { type Looker, lookNowAndThen } from '../redis/look-now-and-then.ts';
import { type Book, release } from './accounts.ts';
import type { CommissionLine } from './commission-line.ts';
import type { ContractsOf } from './commission-projection.ts';
import { place } from './contract-calendar.ts';
import type { OpenPeriods } from './counters.ts';
import { LedgerBatch } from './ledger-batch.ts';
import type { LedgerStore } from './ledger-store.ts';
import { placesOf } from './line-entry.ts';
import { countMargin } from './margin/count-margin.ts';
import { bookField } from './slot.ts';
import type { ContractTerms } from './terms.ts';

export interface HoldReleaserDeps {
  readonly store: LedgerStore;
  readonly clock: Clock;
  readonly contractsOf: ContractsOf;
  /** Ids of all counterparties that may have a ledger. */
  partners(): Iterable<string>;
  /** Told of a round that failed; the next one tries again. */
  failed?(error: unknown): void;
}

const POLL_MS = 1_000;
const PAGE = 200;

/** Makes held lines payable when their time has come: a due source of the clock. */
export class HoldReleaser {
  readonly #deps: HoldReleaserDeps;
  readonly #looker: Looker;

  constructor(deps: HoldReleaserDeps) {
    this.#deps = deps;
    this.#looker = lookNowAndThen(
      () => this.runDue(deps.clock.nowMs()),
      POLL_MS,
      (error) => deps.failed?.(error),
    );
  }

  /** When the next line of any counterparty is released (ms), null when none is held. */
  async nextDue(): Promise<number | null> {
    const times = await Promise.all([...this.#deps.partners()].map((id) => this.#deps.store.nextRelease(id)));
    const known = times.filter((ms) => ms !== null);
    return known.length === 0 ? null : Math.min(...known);
  }

  /** Releases everything that is due at `nowMs`. @returns how many lines */
  async runDue(nowMs: number): Promise<number> {
    let released = 0;
    for (const partnerId of this.#deps.partners()) released += await this.releaseOf(partnerId, nowMs);
    return released;
  }

  /** The same for one counterparty. */
  async releaseOf(partnerId: string, nowMs: number): Promise<number> {
    const contracts = this.#deps.contractsOf(partnerId);
    if (contracts === undefined) return 0;
    let released = 0;
    for (;;) {
      const next = await this.#deps.store.nextRelease(partnerId);
      if (next === null || next > nowMs) return released;
      const count = await this.#deps.store.transact(partnerId, () => this.#plan(partnerId, contracts, nowMs));
      if (count === 0) return released;
      released += count;
    }
  }

  /** Releases from now on, as the clock goes. */
  start(): void {
    this.#looker.start();
  }

  stop(): Promise<void> {
    return this.#looker.stop();
  }

  async #plan(partnerId: string, contracts: readonly ContractTerms[], nowMs: number) {
    const { store } = this.#deps;
    const names = [...new Set(contracts.map(({ contract }) => contract))];
    const book = await store.readBook(partnerId, names.map(bookField.open));
    const open = Object.fromEntries(names.flatMap((name, at) => (book.values[at] ? [[name, book.values[at]]] : [])));
    const due = await store.dueHolds(partnerId, nowMs, PAGE);
    const lines = await store.lines(partnerId, due);
    const batch = new LedgerBatch(book, nowMs);
    for (const line of lines) releaseLine(batch, line, contracts, open);
    return { batch, result: lines.length };
  }
}

/** pending → payable, in the period of `payable_at` or the first one that is not cut. */
function releaseLine(
  batch: LedgerBatch,
  line: CommissionLine,
  contracts: readonly ContractTerms[],
  open: OpenPeriods,
): void {
  const versions = contracts.filter(({ contract }) => contract === line.contract);
  const { period, originalPeriod } = place(versions, msOf(line.payable_at), open[line.contract]);
  const book: Book = { contract: line.contract, currency: line.currency };
  const released: CommissionLine = { ...line, status: 'payable', period, original_period: originalPeriod };
  batch.post({
    id: releaseId(line.id),
    kind: 'release',
    book,
    effectiveAtMs: msOf(line.payable_at),
    period,
    transfers: release(book, BigInt(line.amount)),
    ref: { line: line.id, ...placesOf(released) },
  });
  const { timezone = 'UTC' } = versions[0] ?? {};
  countMargin(batch, line, timezone, -1n);
  countMargin(batch, released, timezone);
  batch.putLine(released);
  batch.enterPeriod(released);
  batch.tell({ type: 'commission.payable', about: line.id, occurredAtMs: msOf(line.payable_at) });
  batch.unhold(line.id);
  batch.move(line.contract, period, 'released', BigInt(line.amount));
}

/** The transfer that releases a line: there is one at most. */
export function releaseId(lineId: string): string {
  return derivedId('com', lineId, 'release');
}
