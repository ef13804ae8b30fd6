import { setImmediate as immediate } from 'node:timers/promises';
import type { Clock } from '../base/clock.ts';
import { BatchHistory } from './batch-history.ts';
import type { OpenPeriods } from './counters.ts';
import { LedgerBatch } from './ledger-batch.ts';
import type { AppendOutcome, LedgerStore, PricingState, StateReads } from './ledger-store.ts';
import { type LoanFacts, loanFactsOf } from './loan-facts.ts';
import type { MoneyEvent } from './money-event.ts';
import { type BookableEvent, loanIdNeeded, moneyEventOf } from './money-event-of.ts';
import { postDrafts } from './post-drafts.ts';
import { priceEvent } from './price-event.ts';
import { pricedIn, pricingVersions } from './priced-terms.ts';
import { readsFor } from './reads-for.ts';
import type { ContractTerms } from './terms.ts';

/** `booked`: entries were written; `nothing`: it earns and takes back nothing; `exists`: it had its effect before. */
export type BookOutcome = 'booked' | 'nothing' | 'exists';

interface Job {
  readonly event: BookableEvent;
  readonly contracts: readonly ContractTerms[];
  resolve(outcome: BookOutcome): void;
  reject(error: unknown): void;
}

/** A job that can be priced, with what it asks the ledger. */
interface ReadyJob {
  readonly job: Job;
  readonly money: MoneyEvent;
  /** No rule and no clawback of any version looks at it. */
  readonly isIdle: boolean;
}

/** Events that are planned on one reading of the ledger. */
const BATCH_MAX = 256;
/** Of these one script books so many, which bounds its time, and that of planning it: about a millisecond each. */
const SCRIPT_MAX = 64;

/**
 * Books events into the ledgers. Events of one counterparty that arrive together are priced one after the other and
 * appended by one script, so that a counterparty with many shards at work costs few round trips and loses few races.
 */
export class EventBooker {
  readonly #store: LedgerStore;
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Job[]>();
  /** First open periods as last seen; only a hint of which counters to ask for. */
  readonly #openPeriods = new Map<string, OpenPeriods>();

  constructor(store: LedgerStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * Books what an event earns and takes back. The same event again, in any process and at any time, changes nothing.
   * @param contracts all versions of all contracts of the counterparty
   * @throws UnsupportedTerms, TypeError when it cannot be priced exactly: nothing of it was booked
   */
  book(partnerId: string, event: BookableEvent, contracts: readonly ContractTerms[]): Promise<BookOutcome> {
    return new Promise((resolve, reject) => {
      const job: Job = { event, contracts, resolve, reject };
      const waiting = this.#waiting.get(partnerId);
      if (waiting !== undefined) {
        waiting.push(job);
        return;
      }
      this.#waiting.set(partnerId, [job]);
      void this.#drain(partnerId);
    });
  }

  async #drain(partnerId: string): Promise<void> {
    for (;;) {
      const waiting = this.#waiting.get(partnerId) ?? [];
      const jobs = waiting.splice(0, BATCH_MAX);
      if (jobs.length === 0) {
        this.#waiting.delete(partnerId);
        return;
      }
      try {
        const outcomes = await this.#store.transact(partnerId, () => this.#plan(partnerId, jobs));
        for (const [job, outcome] of outcomes) {
          if (outcome instanceof Failure) job.reject(outcome.error);
          else job.resolve(outcome);
        }
      } catch (error) {
        for (const job of jobs) job.reject(error);
      }
    }
  }

  async #plan(partnerId: string, jobs: readonly Job[]) {
    const outcomes = new Map<Job, BookOutcome | Failure>();
    const ready = await this.#readyJobs(partnerId, jobs, outcomes);
    const state = await this.#readState(partnerId, ready);
    const batch = new LedgerBatch(state, this.#clock.nowMs());
    const history = new BatchHistory(state, batch);
    const applied = new Set(state.applied);
    const sent: Promise<AppendOutcome>[] = [];
    for (const [index, one] of ready.entries()) {
      const { id } = one.job.event;
      if (index % SCRIPT_MAX === 0 && !batch.isEmpty) {
        // Redis books these while the next are priced, on the ledger as it will be then.
        const part = this.#store.append(partnerId, batch);
        part.catch(() => undefined);
        sent.push(part);
        batch.startNext();
        await immediate();
      }
      try {
        outcomes.set(one.job, applied.has(id) ? 'exists' : bookOne(batch, history, state, one));
        applied.add(id);
      } catch (error) {
        outcomes.set(one.job, new Failure(error));
      }
    }
    return { batch, result: outcomes, sent };
  }

  /** Turns log events into money events; what pays nobody has its outcome already. */
  async #readyJobs(partnerId: string, jobs: readonly Job[], outcomes: Map<Job, BookOutcome | Failure>) {
    const loanIds = [...new Set(jobs.flatMap(({ event }) => loanIdNeeded(event) ?? []))];
    const facts = await this.#store.loanFacts(partnerId, loanIds);
    const factsOf = new Map<string | null, LoanFacts | null>(loanIds.map((id, index) => [id, facts[index] ?? null]));
    return jobs.flatMap((job): ReadyJob[] => {
      try {
        const money = moneyEventOf(job.event, factsOf.get(loanIdNeeded(job.event)) ?? null, partnerId);
        if (money !== undefined) {
          const { onceKeys, objects } = readsFor(money, job.contracts);
          return [{ job, money, isIdle: onceKeys.length === 0 && objects.length === 0 }];
        }
        outcomes.set(job, 'nothing');
      } catch (error) {
        outcomes.set(job, new Failure(error));
      }
      return [];
    });
  }

  /** Reads once, or twice when a period was cut since the last time, which changes the counters to ask for. */
  async #readState(partnerId: string, ready: readonly ReadyJob[]): Promise<PricingState> {
    for (;;) {
      const hint = this.#openPeriods.get(partnerId) ?? {};
      const state = await this.#store.readForPricing(partnerId, readsOfAll(ready, hint));
      this.#openPeriods.set(partnerId, { ...hint, ...state.openPeriods });
      const isCurrent = Object.entries(state.openPeriods).every(([contract, period]) => hint[contract] === period);
      if (isCurrent) return state;
    }
  }
}

/** An event that cannot be priced does not hold up the others of its batch. */
class Failure {
  readonly error: unknown;
  constructor(error: unknown) {
    this.error = error;
  }
}

/** Prices one event and adds it to the batch; throws before it has added anything. */
function bookOne(
  batch: LedgerBatch,
  history: BatchHistory,
  { pricedTerms }: PricingState,
  { job, money, isIdle }: ReadyJob,
): BookOutcome {
  const { event, contracts } = job;
  const isDisbursal = event.type === 'loan.disbursed' && money.loan !== null;
  if (isIdle && !isDisbursal) return 'nothing';
  const drafts = priceEvent(money, contracts, history);
  const versions = pricingVersions(drafts, contracts, pricedIn(batch, pricedTerms));
  const { openPeriods } = history;
  const counterOf = (key: string) => history.counter(key);
  postDrafts(batch, money, drafts, { contracts, openPeriods, counterOf, lineOf: (id) => history.lineOf(id) });
  for (const version of versions) batch.keepTerms(version);
  if (isDisbursal && money.loan !== null) batch.rememberLoan(money.loan.id, loanFactsOf(event));
  batch.markApplied(event.id);
  return drafts.length > 0 ? 'booked' : 'nothing';
}

function readsOfAll(ready: readonly ReadyJob[], openPeriods: OpenPeriods): StateReads {
  const reads = ready.map(({ job, money }) => readsFor(money, job.contracts, openPeriods));
  const union = (lists: readonly (readonly string[])[]) => [...new Set(lists.flat())];
  return {
    contracts: union(ready.map(({ job }) => job.contracts.map(({ contract }) => contract))),
    onceKeys: union(reads.map(({ onceKeys }) => onceKeys)),
    objects: union(reads.map(({ objects }) => objects)),
    counters: union(reads.map(({ counters }) => counters)),
    eventIds: ready.map(({ job }) => job.event.id),
    termsIds: union(ready.map(({ job }) => job.contracts.map(({ id }) => id))),
  };
}
