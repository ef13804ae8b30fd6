import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { checkLedger } from '../../src/revenue/check-ledger.ts';
import { LedgerStore } from '../../src/revenue/ledger-store.ts';
import { PeriodStore } from '../../src/revenue/period-store.ts';
import { readStanding, type Standing } from '../../src/revenue/settlement/read-standing.ts';
import { slotKeys } from '../../src/revenue/slot.ts';
import type { Statement } from '../../src/revenue/statement.ts';
import { statementCsv } from '../../src/revenue/statement-file.ts';
import { Books } from './books.ts';
import { checkCounters } from './check-counters.ts';
import { checkBalances, checkEntryLegs, checkStanding, checkStated, paidOf } from './check-sums.ts';
import type { Doing } from './doing.ts';
import { type EventLog, LINK, type SimEvent } from './event-log.ts';
import { follow } from './follow.ts';
import { shapeOf, storedShape } from './line-shapes.ts';
import { expectedOf } from './model.ts';
import type { Append, ToldEntry } from './observer.ts';
import { Observer } from './observer.ts';
import type { OwnRedis } from './own-redis.ts';
import type { PlainVersion } from './plain-terms.ts';
import { CURRENCY } from './plain-terms.ts';
import { must, mustBe } from './violation.ts';

const GENESIS = '0'.repeat(64);

/**
 * What must hold of one counterparty's ledger: after every write, after every step, and at rest. The books are kept from what
 * events and operators wanted; the ledger must say the same.
 */
export class Invariants {
  readonly books: Books;
  readonly #redis: OwnRedis;
  readonly #observer: Observer;
  readonly #jwks: { readonly keys: readonly object[] };
  readonly #store: LedgerStore;
  readonly #periods: PeriodStore;
  #head = { seq: 0, hash: GENESIS };
  /** Over every entry as stored, in order. */
  readonly #chain: string[] = [];
  /** `<type> <about>` of everything that had to be told, and the ids under which it was. */
  readonly #told: string[] = [];
  readonly #toldIds = new Set<string>();
  /** Locked statements as stored, with the digest of their lines file. */
  readonly #locked = new Map<string, { readonly json: string; readonly csv: string }>();
  readonly #accepted = new Map<string, string>();
  #paid: ReadonlySet<string> = new Set();
  writes = 0;

  constructor(
    redis: OwnRedis,
    partnerId: string,
    versions: readonly PlainVersion[],
    jwks: { keys: readonly object[] },
  ) {
    this.books = new Books(partnerId, versions);
    this.#redis = redis;
    this.#observer = new Observer(redis, partnerId, this.books.contracts);
    this.#jwks = jwks;
    this.#store = new LedgerStore(redis.client, redis.keys);
    this.#periods = new PeriodStore(redis.client, redis.keys);
  }

  get #partnerId(): string {
    return this.books.partnerId;
  }

  /** After a write. @param doing what the job that wrote may write */
  async afterWrite(doing: Doing, nowMs: number): Promise<void> {
    const append = await this.#observer.look();
    if (append === null) return;
    this.writes += 1;
    this.#checkChain(append);
    const { told, touched, locked, hasPaid } = follow(this.books, append, doing, nowMs);
    await this.#checkApplied(doing);
    checkEntryLegs(append);
    checkBalances(this.books, append.balances);
    await this.#checkLines(touched);
    checkStated(this.books);
    for (const id of locked) await this.#keepLocked(id, append);
    this.#checkTold(append.told, hasPaid ? [...told, ...(await this.#newlyPaid())] : told);
    if (locked.length > 0) this.#paid = paidOf(await this.#standing());
  }

  /** After a step, with every process at a standstill. */
  async afterStep(random: { pick<T>(items: readonly T[]): T | undefined }): Promise<void> {
    must(
      'balances',
      (await this.#observer.look()) === null,
      `${this.#partnerId} was written to and nobody saw by whom`,
    );
    const standing = await this.#standing();
    checkStanding(this.books, standing);
    checkCounters(this.books, await this.#observer.counters());
    const statements = new Map(standing.statements.map(({ statement }) => [statement.id, statement]));
    for (const [id, { json }] of this.#locked) {
      mustBe('locked', `statement ${id}`, JSON.stringify(statements.get(id)), json);
    }
    const looked = random.pick([...this.#locked.keys()]);
    if (looked !== undefined) await this.#checkLockedLines(looked);
    for (const { settlement } of standing.statements) {
      const { statement_id: id, acceptance } = settlement;
      if (acceptance === null) continue;
      mustBe(
        'locked',
        `acceptance of ${id}`,
        JSON.stringify(acceptance),
        this.#accepted.get(id) ?? JSON.stringify(acceptance),
      );
      this.#accepted.set(id, JSON.stringify(acceptance));
    }
  }

  /** Events that were acknowledged are booked, or earn nothing. @param idle those that earned nothing before the step */
  checkAcknowledged(events: readonly SimEvent[], idle: ReadonlySet<SimEvent>): void {
    for (const event of events)
      if (event.isAcknowledged && !this.books.booked.has(event.log.id)) this.#bringsNothing(event, idle);
  }

  /** At rest: everything, from the first entry on. */
  async atRest(): Promise<void> {
    const slot = slotKeys(this.#redis.keys, this.#partnerId);
    const { client } = this.#redis;
    const stored = (await client.xrange(slot.ledger, '-', '+')).map(([, values]) => values[1] ?? '');
    must('locked', stored.join() === this.#chain.join(), `the chain of ${this.#partnerId} is not what was appended`);
    for (const id of this.#locked.keys()) await this.#checkLockedLines(id);
    await this.#checkLines(new Set(this.books.lines.keys()));
    mustBe('lines', 'number of lines stored', await client.hlen(slot.lines), this.books.lines.size);
    const feed = (await client.xrange(slot.feed, '-', '+')).map(
      ([, values]) => JSON.parse(values[1] ?? '') as ToldEntry,
    );
    mustBe('feed', 'what was told', feed.map(({ type, about }) => `${type} ${about}`).sort(), [...this.#told].sort());
    const lines = [...this.books.lines.values()];
    const earned = lines.reduce(
      (sum, line) => sum + (line.link === LINK && line.status !== 'void' ? line.amount : 0n),
      0n,
    );
    mustBe(
      'balances',
      `earnings of link ${LINK}`,
      await this.#store.linkEarnings(this.#partnerId, LINK, CURRENCY),
      earned,
    );
    const deps = { store: this.#store, periods: this.#periods, jwks: this.#jwks as never };
    const { differences } = await checkLedger(deps, this.#partnerId);
    mustBe('ledger_check', 'what `sluice ledger check` finds', differences, []);
  }

  /** After everything is over: nothing of the log is missing. */
  checkComplete(log: EventLog): void {
    for (const event of log.events) {
      if (event.partnerId !== this.#partnerId) continue;
      must('nothing_lost', event.isAcknowledged, `${event.type} ${event.log.id} was never applied`);
      if (this.books.booked.has(event.log.id)) continue;
      const isAccrual = expectedOf(this.books, event).some((one) => one.what === 'line' && one.kind === 'accrual');
      must('nothing_lost', !isAccrual, `${event.type} ${event.log.id} should earn and has no line`);
    }
  }

  /** Digest of everything stored that does not tell the machine's time. */
  async digest(): Promise<string> {
    const slot = slotKeys(this.#redis.keys, this.#partnerId);
    const { client } = this.#redis;
    const hashes = await Promise.all(
      [slot.balances, slot.lines, slot.periods, slot.statements, slot.settlements, slot.payments, slot.disputes].map(
        async (key) => Object.entries(await client.hgetall(key)).sort(([a], [b]) => (a < b ? -1 : 1)),
      ),
    );
    const feed = (await client.xrange(slot.feed, '-', '+')).map(([, values]) => values[1]);
    return hash('sha256', JSON.stringify([this.#chain, hashes, feed]), 'hex');
  }

  /** What is kept as applied has brought its lines by now, or has none to bring; what comes of it later comes twice. */
  async #checkApplied({ events = [] }: Doing): Promise<void> {
    const open = events.filter((event) => !this.books.booked.has(event.log.id));
    const applied = await this.#observer.applied(open.map(({ log }) => log.id));
    for (const event of open) if (applied.has(event.log.id)) this.#bringsNothing(event, new Set());
  }

  #bringsNothing(event: SimEvent, idle: ReadonlySet<SimEvent>): void {
    const missing = idle.has(event) ? 0 : expectedOf(this.books, event).length;
    must('nothing_lost', missing === 0, `${event.type} ${event.log.id} is applied and ${missing} lines are not there`);
    this.books.booked.add(event.log.id);
  }

  #standing(): Promise<Standing> {
    return readStanding(this.#store, this.#partnerId);
  }

  #checkChain({ entries, rawEntries, head }: Append): void {
    for (const entry of entries) {
      const { hash: own, ...covered } = entry;
      mustBe(
        'chain',
        `place of entry ${entry.seq}`,
        [entry.seq, entry.prev_hash],
        [this.#head.seq + 1, this.#head.hash],
      );
      mustBe('chain', `hash of entry ${entry.seq}`, own, hash('sha256', canonicalize(covered) ?? '', 'hex'));
      this.#head = { seq: entry.seq, hash: own };
    }
    this.#chain.push(...rawEntries);
    if (this.#head.seq > 0) mustBe('chain', 'head of the book', head, this.#head);
  }

  async #checkLines(ids: ReadonlySet<string>): Promise<void> {
    const clawedBack = new Map<string, bigint>();
    for (const { kind, reverses, amount } of this.books.lines.values()) {
      if (kind === 'clawback' && reverses !== null) clawedBack.set(reverses, (clawedBack.get(reverses) ?? 0n) - amount);
    }
    const stored = new Map((await this.#observer.lines([...ids])).map((line) => [line.id, line]));
    for (const id of ids) {
      const line = this.books.line(id);
      const expected = { ...shapeOf(line), clawed_back: Number(clawedBack.get(id) ?? 0n) };
      mustBe('lines', `line ${id}`, storedShape(stored.get(id)), expected);
    }
  }

  async #newlyPaid(): Promise<string[]> {
    const before = this.#paid;
    this.#paid = paidOf(await this.#standing());
    return [...this.#paid].filter((id) => !before.has(id)).map((id) => `statement.paid ${id}`);
  }

  #checkTold(told: readonly ToldEntry[], expected: readonly string[]): void {
    mustBe('feed', 'what is told', told.map(({ type, about }) => `${type} ${about}`).sort(), [...expected].sort());
    for (const { id, type, about } of told) {
      must('feed', !this.#toldIds.has(id), `${type} of ${about} is told a second time`);
      this.#toldIds.add(id);
    }
    this.#told.push(...expected);
  }

  async #keepLocked(id: string, append: Append): Promise<void> {
    const json = append.statements.get(id) ?? '';
    const csv = await this.#linesDigest(JSON.parse(json) as Statement);
    mustBe('locked', `lines file of ${id}`, csv, (JSON.parse(json) as Statement).lines_sha256);
    this.#locked.set(id, { json, csv });
  }

  async #checkLockedLines(id: string): Promise<void> {
    const kept = this.#locked.get(id);
    if (kept === undefined) return;
    mustBe('locked', `lines file of ${id}`, await this.#linesDigest(JSON.parse(kept.json) as Statement), kept.csv);
  }

  async #linesDigest(statement: Statement): Promise<string> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of statementCsv(this.#store, this.#partnerId, statement)) chunks.push(chunk);
    return hash('sha256', Buffer.concat(chunks), 'hex');
  }
}
