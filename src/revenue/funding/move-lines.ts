import { funderParty } from '../../base/ledger-party.ts';
import type { LogEvent } from '../../events/event.ts';
import { isBefore, readLog, readPositions } from '../../events/log.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import type { CommissionLine } from '../commission-line.ts';
import { concerns } from '../concerns.ts';
import type { EventBooker } from '../event-booker.ts';
import { LedgerBatch } from '../ledger-batch.ts';
import type { LedgerStore } from '../ledger-store.ts';
import { matchRules } from '../match-rule.ts';
import { type BookableEvent, loanIdNeeded, moneyEventOf } from '../money-event-of.ts';
import { onceKey } from '../once-key.ts';
import { earningVersion } from '../price-event.ts';
import type { ContractTerms } from '../terms.ts';
import { byContract } from '../version-in-force.ts';
import type { FunderMove } from './funding-step.ts';

export interface MoveDeps {
  readonly client: RedisClient;
  readonly keys: Keyspace;
  readonly store: LedgerStore;
  readonly booker: EventBooker;
  /** @throws Error for a funder that is not loaded */
  termsOf(funderId: string): readonly ContractTerms[];
}

/** Rules on these earn at the payout or after it; what earned before has to be looked for when the payout names another. */
const FROM_PAYOUT_ON: ReadonlySet<string> = new Set(['loan.disbursed', 'loan.settled', 'installment.paid']);
const LOG_PAGE = 500;

/**
 * Takes back at one funder what its terms earned on an application or loan, and books the events behind it under the terms of
 * the funder whose money it is. Every step finds out what was done before, so it can be repeated after a crash.
 * @param event that named the other funder; it is not booked here
 * @param since place of the first event that can have earned
 */
export async function moveLines(deps: MoveDeps, event: LogEvent, move: FunderMove, since: string): Promise<void> {
  const [old, other] = [deps.termsOf(move.from), deps.termsOf(move.to)];
  const wasPaidOut = event.type === 'loan.schedule_updated';
  if (!wasPaidOut && ![...old, ...other].some(earnsBeforePayout)) return;
  const events = (await earlierEvents(deps, event, since)).filter((one) => isPartOf(one, move.loanId));
  const from = funderParty(move.from);
  await deps.booker.book(from, correctionOf(event, move.loanId), old.map(takingBack));
  await releaseOnce(deps.store, from, old, events, move.loanId);
  for (const one of events) {
    // What the application earned stays where it is; what was taken back on the whole of it concerns this loan too.
    const isOwn = move.loanId === null || one.data.loan_id === move.loanId;
    const terms = isOwn ? other : other.map((version) => ({ ...version, rules: [] }));
    if (concerns(terms, one.type)) await deps.booker.book(funderParty(move.to), again(one, event, move, isOwn), terms);
  }
}

function earnsBeforePayout({ rules }: ContractTerms): boolean {
  return rules.some(({ on }) => !FROM_PAYOUT_ON.has(on));
}

/** Events of the application from the first that can have earned up to, and without, the one that corrects it. */
async function earlierEvents({ client, keys }: MoveDeps, event: LogEvent, since: string): Promise<LogEvent[]> {
  const { shard, subject, position } = event;
  const found = isBefore(since, position) ? await readPositions(client, keys, shard, [since]) : [];
  let after = since;
  while (isBefore(after, position)) {
    const page = await readLog(client, keys, shard, after, LOG_PAGE);
    found.push(...page.filter((one) => one.subject === subject && isBefore(one.position, position)));
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.position;
  }
  return found;
}

/** Of a loan, also what was taken back on its whole application. */
function isPartOf({ data }: LogEvent, loanId: string | null): boolean {
  return loanId === null || data.loan_id === loanId || data.loan_id === undefined;
}

/** What takes everything back: no event of the log, but the consequence of one. */
function correctionOf(event: LogEvent, loanId: string | null): BookableEvent {
  return loanId === null
    ? { ...event, type: 'application.funder_corrected', data: {} }
    : { ...event, type: 'loan.funder_corrected', data: { loan_id: loanId } };
}

/** The version with nothing to earn, and everything to give back. */
function takingBack(terms: ContractTerms): ContractTerms {
  const clawback = ['application.funder_corrected', 'loan.funder_corrected'].map((on) => ({
    on,
    take: { percent: '100' },
  }));
  return { ...terms, rules: [], clawback };
}

/** Once keys of what was taken back pay again: the money was never this funder's to owe. */
async function releaseOnce(
  store: LedgerStore,
  party: string,
  terms: readonly ContractTerms[],
  events: readonly LogEvent[],
  loanId: string | null,
): Promise<void> {
  const facts = await store.loanFacts(
    party,
    events.map((one) => loanIdNeeded(one) ?? ''),
  );
  const keys = events.flatMap((one, index) => onceKeysOf(one, facts[index] ?? null, party, terms));
  const [application] = events.map(({ subject }) => subject);
  if (keys.length === 0 || application === undefined) return;
  await store.transact(party, async () => {
    const basis = await store.readBook(party);
    const lineIds = await store.onceLines(party, keys);
    const lines = new Map(
      (
        await store.lines(
          party,
          lineIds.flatMap((id) => id ?? []),
        )
      ).map((line) => [line.id, line]),
    );
    const batch = new LedgerBatch(basis, Date.parse(events.at(-1)?.recorded_at ?? ''));
    keys.forEach((key, index) => {
      const line = lines.get(lineIds[index] ?? '');
      if (line !== undefined && wasMoved(line, application, loanId)) batch.forgetOnce(key);
    });
    return { batch, result: undefined };
  });
}

function onceKeysOf(
  event: LogEvent,
  facts: Parameters<typeof moneyEventOf>[1],
  party: string,
  contracts: readonly ContractTerms[],
): string[] {
  if (!concerns(contracts, event.type)) return [];
  const money = moneyEventOf(event, facts, party);
  if (money === undefined) return [];
  return byContract(contracts).flatMap((versions) => {
    const terms = earningVersion(versions, money);
    return terms === null ? [] : matchRules(terms, money).map((rule) => onceKey(terms, rule, money));
  });
}

function wasMoved(line: CommissionLine, application: string, loanId: string | null): boolean {
  const isGone = line.status === 'void' || line.clawed_back >= line.amount;
  return isGone && line.application_id === application && (loanId === null || line.loan_id === loanId);
}

/**
 * The event as it is booked at the other funder. Where that one's ledger may know it already (it was its loan once before, or
 * it is about the whole application and other loans of it) it goes by the id of both events.
 */
function again(event: LogEvent, correction: LogEvent, { isReturn }: FunderMove, isOwn: boolean): LogEvent {
  return isReturn || !isOwn ? { ...event, id: `${event.id}~${correction.id}` } : event;
}
