import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { checkLedger } from '../../src/revenue/check-ledger.ts';
import type { CommissionLine } from '../../src/revenue/commission-line.ts';
import { LedgerStore } from '../../src/revenue/ledger-store.ts';
import { PeriodStore } from '../../src/revenue/period-store.ts';
import { readStanding, type Standing } from '../../src/revenue/settlement/read-standing.ts';
import { slotKeys } from '../../src/revenue/slot.ts';
import type { Statement } from '../../src/revenue/statement.ts';
import { statementCsv } from '../../src/revenue/statement-file.ts';
import { Books, type ModelLine } from './books.ts';
import type { Doing } from './doing.ts';
import { type EventLog, LINK, type SimEvent } from './event-log.ts';
import { follow } from './follow.ts';
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
    checkLegs(append);
    mustBe(
      'balances',
      'what is stored',
      sorted(append.balances),
      sorted(withoutZeros(this.books.balances, append.balances)),
    );
    await this.#checkLines(touched);
    this.#checkStated();
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
    this.#checkStanding(standing);
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

  /** Σ statements, payments and the balance of `stated` are one sum; `pending` is what is held. */
  #checkStated(): void {
    for (const contract of this.books.contracts) {
      const last = this.books.statements.filter((one) => one.contract === contract).at(-1);
      const period = last?.period ?? '';
      const after = (what: Parameters<Books['movedAfter']>[2]) => this.books.movedAfter(contract, period, what);
      const stated = (last?.closing ?? 0n) - after('payments') - after('withheld');
      mustBe('identities', `stated of ${contract}`, this.books.balance(contract, 'stated'), stated);
      const pending = (last?.pendingClosing ?? 0n) + after('added') - after('released') - after('voided');
      mustBe('identities', `pending of ${contract}`, this.books.balance(contract, 'pending'), pending);
    }
  }

  /** What is due less what is paid and prepaid is what the ledger has as stated. */
  #checkStanding({ statements, credits }: Standing): void {
    for (const contract of this.books.contracts) {
      const own = statements.filter(({ statement }) => statement.contract === contract);
      const shares = new Set(own.flatMap(({ share }) => share ?? []));
      let sum = -(credits.get(contract) ?? 0n);
      for (const { due, paid } of shares) {
        must('identities', due < 0n ? paid === due : paid <= due, `paid ${paid} of ${due} on ${contract}`);
        sum += due - paid;
      }
      const waiting = new Set(own.filter(({ share }) => share === undefined).map(({ statement }) => statement.id));
      for (const one of this.books.statements) if (waiting.has(one.id)) sum += one.own;
      mustBe('identities', `due less paid of ${contract}`, sum, this.books.balance(contract, 'stated'));
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

/** Whatever an entry takes from one account it gives to another, of the same contract. */
function checkLegs({ entries }: Append): void {
  for (const { seq, contract, transfers } of entries) {
    const sums = new Map<string, bigint>();
    for (const { from, to, amount } of transfers) {
      const own = [from, to].every((account) => account.startsWith(`${contract}/`));
      must('legs', own && from !== to && BigInt(amount) > 0n, `entry ${seq}: ${from} → ${to} ${amount}`);
      sums.set(from, (sums.get(from) ?? 0n) - BigInt(amount));
      sums.set(to, (sums.get(to) ?? 0n) + BigInt(amount));
    }
    mustBe(
      'legs',
      `sum of entry ${seq}`,
      [...sums.values()].reduce((sum, leg) => sum + leg, 0n),
      0n,
    );
  }
}

function paidOf({ statements }: Standing): Set<string> {
  const paid = statements.filter(
    ({ status, share }) => status !== 'carried' && share !== undefined && share.paid >= share.due,
  );
  return new Set(paid.map(({ statement }) => statement.id));
}

/** An account that nothing has moved yet may be missing on either side. */
function withoutZeros(model: ReadonlyMap<string, bigint>, stored: ReadonlyMap<string, bigint>): Map<string, bigint> {
  return new Map([...model].filter(([account, amount]) => amount !== 0n || stored.has(account)));
}

function sorted(balances: ReadonlyMap<string, bigint>): unknown {
  return [...balances].sort(([a], [b]) => (a < b ? -1 : 1));
}

function shapeOf(line: ModelLine) {
  return {
    ...{ contract: line.contract, kind: line.kind, terms: line.version, rule: line.rule, on: line.on },
    ...{ base: line.base, amount: line.amount, application: line.application, loan: line.loan },
    ...{ payment: line.payment, link: line.link, status: line.status, reason: line.reason },
    ...{ occurred: line.occurredAtMs, payable: line.payableAtMs, hold: line.holdUntilMs, reverses: line.reverses },
    ...{ period: line.period, original: line.originalPeriod, pending: line.pendingPeriod },
  };
}

function storedShape(line: CommissionLine | undefined) {
  if (line === undefined) return undefined;
  return {
    ...{ contract: line.contract, kind: line.kind, terms: line.terms_id, rule: line.rule, on: line.on },
    ...{ base: line.base, amount: line.amount, application: line.application_id, loan: line.loan_id },
    ...{ payment: line.payment_ref, link: line.link_code, status: line.status, reason: line.reason },
    ...{ occurred: Date.parse(line.occurred_at), payable: Date.parse(line.payable_at) },
    ...{ hold: line.hold_until === null ? null : Date.parse(line.hold_until), reverses: line.reverses },
    ...{ period: line.period, original: line.original_period, pending: line.pending_period },
    clawed_back: line.clawed_back,
  };
}
