import { type Clock, isoOf } from '../base/clock.ts';
import { derivedId } from '../base/ids.ts';
import { startOfLocalDay } from './calendar.ts';
import { type Blocker, type CloseOutcome, type CloseRequest, refused } from './close-outcome.ts';
import { done, locked, nextOf, notDrafted, notInReview, outOfOrder, type Target, waivers } from './close-target.ts';
import type { ContractsOf } from './commission-projection.ts';
import { contractPeriodById } from './contract-calendar.ts';
import { ZERO_COUNTER } from './counters.ts';
import { LedgerBatch } from './ledger-batch.ts';
import type { LedgerStore } from './ledger-store.ts';
import { planLock } from './lock-statement.ts';
import { type ClosingRecord, isClosing, type Waiver } from './period-record.ts';
import type { ContractPeriods, PeriodStore } from './period-store.ts';
import type { Period } from './periods.ts';
import { assertUnchanged } from './priced-terms.ts';
import { pullBackLateLines } from './refresh-period.ts';
import type { HoldReleaser } from './release-holds.ts';
import { openDisputesOf } from './settlement/open-dispute.ts';
import type { CompactJwsSigner } from './sign-statement.ts';
import { bookField, readCounter } from './slot.ts';
import { draftStatement, type StatementBasis, statementBasis } from './statement-basis.ts';
import { postTrueUps, trueUpCounters, trueUpRules } from './true-ups.ts';

export interface PeriodCloserDeps {
  readonly store: LedgerStore;
  readonly periods: PeriodStore;
  readonly releaser: HoldReleaser;
  readonly clock: Clock;
  /** In sandbox one operator may review and lock. */
  readonly mode: 'sandbox' | 'live';
  readonly contractsOf: ContractsOf;
  readonly sign: CompactJwsSigner;
  /** What stands against a review beside the calendar: events that are not in the ledger yet, days that do not add up. */
  blockersOf(partnerId: string, contract: string, period: Period): Promise<readonly Blocker[]>;
}

/** Takes periods through open → review → locked, one after the other, never back. */
export class PeriodCloser {
  readonly #deps: PeriodCloserDeps;

  constructor(deps: PeriodCloserDeps) {
    this.#deps = deps;
  }

  /** Cuts an open period and drafts its statement. On a period in review it answers the draft that there is. */
  async review(request: CloseRequest): Promise<CloseOutcome> {
    const target = this.#find(request);
    if ('result' in target) return target;
    const { store, periods, releaser, clock } = this.#deps;
    const now = await periods.periodsOf(target.partnerId, target.contract);
    if (now.records.get(target.period.id)?.state === 'review') return this.#draft(target);
    const refusal = await this.#reviewRefusal(target, now);
    if (refusal !== null) return refusal;
    const blockers = await this.#blockers(target);
    const waived = waivers(request, isoOf(clock.nowMs()));
    const standing = blockers.filter(({ code }) => code === NOT_OVER || !waived.some((waiver) => waiver.code === code));
    if (standing.length > 0) return { result: 'blocked', blockers: standing };
    const used = waived.filter(({ code }) => blockers.some((blocker) => blocker.code === code));
    for (let attempt = 0; attempt < RELEASES_MAX; attempt += 1) {
      await releaser.releaseOf(target.partnerId, clock.nowMs());
      const { refusal, heldBack } = await store.transact(target.partnerId, () =>
        this.#planCut(target, request.actor, used),
      );
      if (refusal !== null) return refusal;
      if (!heldBack) return this.#draft(target);
    }
    throw new Error(`held lines of ${target.partnerId} are due and cannot be released; run sluice ledger check`);
  }

  /**
   * Takes what came late into the period that is in review, and drafts its statement again. Thousands of late lines take
   * several steps, each a revision of which only the last is drafted.
   */
  async refresh(request: CloseRequest): Promise<CloseOutcome> {
    const target = this.#find(request);
    if ('result' in target) return target;
    const { store, releaser, clock } = this.#deps;
    await releaser.releaseOf(target.partnerId, clock.nowMs());
    for (;;) {
      const { refusal, more } = await store.transact(target.partnerId, () => this.#planRefresh(target));
      if (refusal !== null) return refusal;
      if (!more) return this.#draft(target);
    }
  }

  /**
   * Posts, signs and issues the statement of a period in review, as its last draft shows it. On a locked period it is
   * refused.
   */
  async lock(request: CloseRequest): Promise<CloseOutcome> {
    const target = this.#find(request);
    if ('result' in target) return target;
    const { store, periods, clock, mode, sign } = this.#deps;
    const basis = await this.#statementBasis(target);
    return store.transact<CloseOutcome>(target.partnerId, async () => {
      const now = await periods.periodsOf(target.partnerId, target.contract);
      const record = now.records.get(target.period.id);
      const refusal = notInReview(target, record?.state, now.open);
      if (refusal !== null || !isClosing(record)) return { batch: null, result: refusal ?? outOfOrder(target) };
      if (mode === 'live' && record.reviewed_by === request.actor) {
        const detail = `${record.reviewed_by} reviewed it, so somebody else must lock it`;
        return { batch: null, result: refused('four_eyes_required', detail) };
      }
      // What nobody has seen is not issued: a refresh that is under way, or was cut short, has no draft yet.
      const draft = await periods.statement(target.partnerId, record.statement_id);
      if (draft?.revision !== record.revision) return { batch: null, result: notDrafted(target) };
      const waived = waivers(request, isoOf(clock.nowMs()));
      const open = await openDisputesOf(store, target.partnerId, target.contract, target.period.id);
      if (open > 0 && !waived.some(({ code }) => code === DISPUTES_OPEN)) {
        const detail = `${open} disputes about it are open: resolve them, or lock without and adjust later`;
        return { batch: null, result: { result: 'blocked', blockers: [{ code: DISPUTES_OPEN, count: open, detail }] } };
      }
      const used = open > 0 ? waived.filter(({ code }) => code === DISPUTES_OPEN) : [];
      const balances = await store.balances(target.partnerId);
      const previous = await periods.statementBefore(target.partnerId, now, record.id);
      const lines = await basis.sumsAt(record.revision);
      const batch = new LedgerBatch(now, clock.nowMs());
      const planned = planLock(batch, {
        ...target,
        now,
        record: { ...record, waived: [...record.waived, ...used] },
        lines,
        previous,
        balances,
        actor: request.actor,
        sign,
      });
      if (planned.result === 'blocked') return { batch: null, result: planned, basis: now };
      return { batch, result: planned };
    });
  }

  #find({ partnerId, contract, period }: CloseRequest): Target | CloseOutcome {
    const versions = this.#deps.contractsOf(partnerId)?.filter((terms) => terms.contract === contract) ?? [];
    if (versions.length === 0) return refused('unknown_contract', `${partnerId} has no contract ${contract}`);
    const found = contractPeriodById(versions, period);
    const first = Math.min(...versions.map(({ from, timezone }) => startOfLocalDay(from, timezone)));
    if (found === null) return refused('unknown_period', `no period of contract ${contract} begins on ${period}`);
    if (found.toMs <= first) return refused('unknown_period', `${period} lies before contract ${contract} began`);
    return { partnerId, versions, contract, period: found };
  }

  async #blockers({ partnerId, contract, period }: Target): Promise<Blocker[]> {
    const { clock, blockersOf } = this.#deps;
    if (clock.nowMs() < period.toMs) {
      return [{ code: NOT_OVER, count: 1, detail: `period ${period.id} ends at ${isoOf(period.toMs)}` }];
    }
    return [...(await blockersOf(partnerId, contract, period))];
  }

  /** Periods close in order: everything before this one must be locked, or have nothing in it. */
  async #reviewRefusal(target: Target, now: ContractPeriods): Promise<CloseOutcome | null> {
    const { id } = target.period;
    if (now.open !== undefined && id < now.open) return locked(target);
    for (const record of now.records.values()) {
      if (record.id >= id || record.state === 'locked' || record.state === 'passed') continue;
      if (record.state === 'open' && (await this.#isEmpty(target, now, record.id))) continue;
      return refused('period_out_of_order', `period ${record.id} is in state ${record.state}; close it first`);
    }
    return null;
  }

  #isEmpty({ partnerId, contract }: Target, now: ContractPeriods, id: string): Promise<boolean> {
    return this.#deps.periods.isEmpty(partnerId, contract, id, now.movements.get(id));
  }

  async #planCut(
    target: Target,
    actor: string,
    waived: readonly Waiver[],
  ): Promise<{ batch: LedgerBatch | null; result: CutStep }> {
    const { periods, clock, store } = this.#deps;
    const { partnerId, contract, period, versions } = target;
    const now = await periods.periodsOf(partnerId, contract);
    if (now.records.get(period.id)?.state === 'review') return { batch: null, result: CUT };
    const refusal = await this.#reviewRefusal(target, now);
    if (refusal !== null) return { batch: null, result: { refusal, heldBack: false } };
    // A line that came in held, and is due already, must be released before the cut: its counter is this period's.
    const nextMs = await store.nextRelease(partnerId);
    if (nextMs !== null && nextMs < period.toMs) return { batch: null, result: { refusal: null, heldBack: true } };
    const batch = new LedgerBatch(now, clock.nowMs());
    for (const record of now.records.values()) {
      // What is before and not locked has nothing in it: it is locked in passing.
      if (record.id < period.id && record.state === 'open')
        batch.setPeriod({ contract, id: record.id, state: 'passed' });
    }
    batch.setOpenPeriod(contract, nextOf(versions, period).id);
    await this.#settle(batch, target, 1);
    batch.setPeriod({
      contract,
      id: period.id,
      state: 'review',
      revision: 1,
      statement_id: statementId(partnerId, contract, period.id),
      reviewed_by: actor,
      reviewed_at: isoOf(batch.atMs),
      locked_by: null,
      locked_at: null,
      waived,
    } satisfies ClosingRecord);
    return { batch, result: CUT };
  }

  async #planRefresh(target: Target): Promise<{ batch: LedgerBatch | null; result: RefreshStep }> {
    const { store, periods, clock } = this.#deps;
    const now = await periods.periodsOf(target.partnerId, target.contract);
    const record = now.records.get(target.period.id);
    const refusal = notInReview(target, record?.state, now.open);
    if (refusal !== null || !isClosing(record)) {
      return { batch: null, result: { refusal: refusal ?? outOfOrder(target), more: false } };
    }
    const batch = new LedgerBatch(now, clock.nowMs());
    const revision = record.revision + 1;
    const more = await pullBackLateLines(batch, store, target, now.open ?? target.period.id, revision);
    await this.#settle(batch, target, revision);
    batch.setPeriod({ ...record, revision });
    return { batch, result: { refusal: null, more } };
  }

  /** True-ups of whole tiers, on the counters as the batch leaves them. */
  async #settle(batch: LedgerBatch, { partnerId, versions, period }: Target, revision: number): Promise<void> {
    const rules = trueUpRules(versions, period);
    if (rules.length === 0) return;
    const keys = trueUpCounters(rules);
    const { values } = await this.#deps.store.readBook(partnerId, keys.map(bookField.counter));
    const stored = new Map(keys.map((key, index) => [key, values[index] ? readCounter(values[index]) : ZERO_COUNTER]));
    const priced = await this.#deps.store.pricedTerms(partnerId);
    for (const { terms } of rules.flatMap((rule) => rule.versions)) assertUnchanged(terms, priced.get(terms.id));
    const counterOf = (key: string) => batch.counters.get(key) ?? stored.get(key) ?? ZERO_COUNTER;
    postTrueUps(batch, partnerId, period, revision, rules, counterOf);
  }

  async #draft(target: Target): Promise<CloseOutcome> {
    const { store, periods, clock } = this.#deps;
    const basis = await this.#statementBasis(target);
    return store.transact<CloseOutcome>(target.partnerId, async () => {
      const now = await periods.periodsOf(target.partnerId, target.contract);
      const record = now.records.get(target.period.id);
      const refusal = notInReview(target, record?.state, now.open);
      if (refusal !== null || !isClosing(record)) return { batch: null, result: refusal ?? outOfOrder(target) };
      const existing = await periods.statement(target.partnerId, record.statement_id);
      if (existing?.revision === record.revision) return { batch: null, result: done(existing) };
      const previous = await periods.statementBefore(target.partnerId, now, record.id);
      const lines = await basis.sumsAt(record.revision);
      const statement = draftStatement({ ...target, now, record, lines, previous });
      const batch = new LedgerBatch(now, clock.nowMs());
      batch.setStatement(statement);
      batch.tell({ type: 'statement.draft', about: statement.id, occasion: String(statement.revision) });
      return { batch, result: done(statement) };
    });
  }

  /** Adds up beforehand: postings of the counterparty wait for a transaction, and a million lines take a while. */
  async #statementBasis({ partnerId, contract, period }: Target): Promise<StatementBasis> {
    const basis = statementBasis(this.#deps.store, partnerId, contract, period.id);
    const record = (await this.#deps.periods.periodsOf(partnerId, contract)).records.get(period.id);
    if (isClosing(record)) await basis.sumsAt(record.revision);
    return basis;
  }
}

/** `heldBack`: held lines of the period are due, and released first. */
interface CutStep {
  readonly refusal: CloseOutcome | null;
  readonly heldBack: boolean;
}

const CUT: CutStep = { refusal: null, heldBack: false };

/** `more`: late lines are left for another step. */
interface RefreshStep {
  readonly refusal: CloseOutcome | null;
  readonly more: boolean;
}

/** Held lines that come in between release and cut are rare; in a row they are a fault. */
const RELEASES_MAX = 20;

const NOT_OVER = 'period_not_over';
const DISPUTES_OPEN = 'disputes_open';

/** Id of the statement of a period, known before there is one. */
export function statementId(partnerId: string, contract: string, period: string): string {
  return derivedId('stm', partnerId, contract, period);
}
