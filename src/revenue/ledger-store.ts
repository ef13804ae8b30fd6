import { setTimeout as delay } from 'node:timers/promises';
import { isFunder } from '../base/ledger-party.ts';
import { defineScript } from '../redis/script.ts';
import type { CommissionLine } from './commission-line.ts';
import type { CounterValue, OpenPeriods } from './counters.ts';
import type { LedgerBasis, LedgerBatch } from './ledger-batch.ts';
import { BASIS_FIELDS, basisOf, LedgerReader } from './ledger-reader.ts';
import type { PricingReads } from './reads-for.ts';
import { bookField, readCounter, SLOT_KEYS, type SlotKey } from './slot.ts';

/** Everything that pricing was told at one moment of the book. */
export interface PricingState extends LedgerBasis {
  readonly openPeriods: OpenPeriods;
  /** Once keys that have paid. */
  readonly once: ReadonlySet<string>;
  readonly counters: ReadonlyMap<string, CounterValue>;
  /** Event ids (of those asked) that have had their effect. */
  readonly applied: ReadonlySet<string>;
  /** Fingerprints of terms (of those asked) under which something was priced. */
  readonly pricedTerms: ReadonlyMap<string, string>;
  /** Lines of all objects asked for. */
  readonly lines: readonly CommissionLine[];
}

export interface StateReads extends PricingReads {
  readonly contracts: readonly string[];
  readonly eventIds: readonly string[];
  readonly termsIds: readonly string[];
}

export type AppendOutcome =
  | { readonly result: 'appended' }
  /** Somebody else wrote since the basis was read. */
  | { readonly result: 'moved' }
  /** A transfer of the batch is in the ledger already; nothing of the batch was written. */
  | { readonly result: 'exists'; readonly transferId: string }
  /** A balance would no longer fit an int64; nothing of the batch was written. */
  | { readonly result: 'overflow'; readonly field: string };

type ReadKeys = 'book' | 'once' | 'transfers' | 'lines' | 'objects' | 'terms';
type Values = readonly (string | null)[];
type RawState = readonly [book: Values, once: Values, transfers: Values, terms: Values, lines: readonly string[]];

const appendScript = defineScript<SlotKey, readonly [number, string]>({
  file: new URL('./append-entries.lua', import.meta.url),
  keys: SLOT_KEYS,
  reply: (raw) => raw as readonly [number, string],
  // Its writes are gathered already, and while Redis makes them the next postings are planned.
  atOnce: true,
});

const readScript = defineScript<ReadKeys, RawState>({
  file: new URL('./read-ledger.lua', import.meta.url),
  keys: ['book', 'once', 'transfers', 'lines', 'objects', 'terms'],
  reply: (raw) => raw as RawState,
});

/** What a plan comes to. */
export interface Plan<T> {
  readonly batch: LedgerBatch | null;
  readonly result: T;
  /** Parts of the batch that are on their way already, in order. */
  readonly sent?: readonly Promise<AppendOutcome>[];
  /** What a result without a batch was concluded from, by several reads: it is concluded again if somebody has written since. */
  readonly basis?: LedgerBasis;
}

const APPENDED: AppendOutcome = { result: 'appended' };

/** Lost races in a row before something must be wrong beyond ordinary contention. */
const CONFLICT_LIMIT = 500;
const BACKOFF_MAX_MS = 20;

/** The ledgers of all counterparties: each in its own slot, each append one script. */
export class LedgerStore extends LedgerReader {
  readonly #turns = new Map<string, Promise<void>>();

  /** What pricing needs, in one round trip and as of one moment. */
  async readForPricing(partnerId: string, reads: StateReads): Promise<PricingState> {
    const { contracts, onceKeys, eventIds, termsIds, objects, counters } = reads;
    const fields = [...BASIS_FIELDS, ...contracts.map(bookField.open), ...counters.map(bookField.counter)];
    const [book, once, transfers, terms, lines] = await readScript.run(
      this.client,
      this.slot(partnerId),
      [fields, onceKeys, eventIds, termsIds, objects].flatMap((list) => [list.length, ...list]),
    );
    const open = contracts.flatMap((contract, index) => {
      const period = book[BASIS_FIELDS.length + index];
      return period ? [[contract, period] as const] : [];
    });
    const counted = counters.flatMap((key, index) => {
      const text = book[BASIS_FIELDS.length + contracts.length + index];
      return text ? [[key, readCounter(text)] as const] : [];
    });
    return {
      ...basisOf(book),
      openPeriods: Object.fromEntries(open),
      counters: new Map(counted),
      once: new Set(onceKeys.filter((_, index) => once[index])),
      applied: new Set(eventIds.filter((_, index) => transfers[index])),
      pricedTerms: new Map(termsIds.flatMap((id, index) => (terms[index] ? [[id, terms[index]] as const] : []))),
      lines: lines.map((json) => JSON.parse(json) as CommissionLine),
    };
  }

  /** Appends a batch if nothing has been written since its basis was read. One script; all or nothing. */
  async append(partnerId: string, batch: LedgerBatch): Promise<AppendOutcome> {
    const [code, detail] = await appendScript.run(
      this.client,
      this.slot(partnerId),
      batch.toArguments(!isFunder(partnerId)),
    );
    if (code === 1) return { result: 'appended' };
    if (code === 0) return { result: 'moved' };
    return code === 2 ? { result: 'exists', transferId: detail } : { result: 'overflow', field: detail };
  }

  /**
   * Reads, plans, appends; when somebody else wrote in between, plans again on what is there now. Plans of one counterparty
   * wait for each other within this process, so that races are only lost to other processes.
   * @param plan reads its basis itself, may run several times; without a batch nothing is written. `sent`: parts of the
   * batch that are on their way already, in order; each only happens if the one before it has
   * @throws Error when a transfer of the batch was booked by something else under the same id, RangeError beyond int64
   */
  transact<T>(partnerId: string, plan: () => Promise<Plan<T>>): Promise<T> {
    return this.#inTurn(partnerId, async () => {
      for (let attempt = 0; attempt < CONFLICT_LIMIT; attempt += 1) {
        const { batch, result, sent = [], basis } = await plan();
        if (batch === null && basis !== undefined && (await this.readBook(partnerId)).rev !== basis.rev) continue;
        const last = batch === null || batch.isEmpty ? [] : [this.append(partnerId, batch)];
        const outcomes = await Promise.all([...sent, ...last]);
        const outcome = outcomes.find((one) => one.result !== 'appended') ?? APPENDED;
        if (outcome.result === 'appended') return result;
        if (outcome.result === 'exists') throw new Error(`transfer ${outcome.transferId} is in the ledger already`);
        if (outcome.result === 'overflow') throw new RangeError(`${outcome.field} of ${partnerId} would leave int64`);
        await delay(Math.random() * Math.min(attempt, BACKOFF_MAX_MS));
      }
      throw new Error(`ledger of ${partnerId}: ${CONFLICT_LIMIT} appends in a row lost their race`);
    });
  }

  #inTurn<T>(partnerId: string, task: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(partnerId) ?? Promise.resolve()).then(task);
    const settled = turn.then(
      () => undefined,
      () => undefined,
    );
    this.#turns.set(partnerId, settled);
    return turn;
  }
}
