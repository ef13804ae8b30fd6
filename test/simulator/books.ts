import { periodAfter, periodAt } from './model-arithmetic.ts';
import type { PlainVersion } from './plain-terms.ts';
import { Violation } from './violation.ts';

export type LineKind = 'accrual' | 'clawback' | 'correction' | 'dispute' | 'manual';

/** A commission as the model has it. */
export interface ModelLine {
  readonly id: string;
  readonly contract: string;
  readonly kind: LineKind;
  readonly version: string;
  readonly rule: string | null;
  readonly on: string | null;
  readonly base: bigint | null;
  readonly amount: bigint;
  readonly application: string | null;
  readonly loan: string | null;
  readonly payment: string | null;
  readonly link: string | null;
  readonly occurredAtMs: number;
  readonly payableAtMs: number;
  readonly holdUntilMs: number | null;
  readonly reverses: string | null;
  readonly reason: string | null;
  readonly status: 'pending' | 'payable' | 'void';
  readonly period: string | null;
  readonly originalPeriod: string | null;
  readonly pendingPeriod: string | null;
  /** Period whose tiers and caps it counts in. */
  readonly countsIn: string;
}

export interface ModelStatement {
  readonly id: string;
  readonly contract: string;
  readonly period: string;
  readonly closing: bigint;
  readonly pendingClosing: bigint;
  /** What the period added to the debt. */
  readonly own: bigint;
  readonly status: string;
}

export type Movement = 'added' | 'released' | 'voided' | 'payments' | 'withheld';

/** What a counterparty's ledger must say, in plain sums. */
export class Books {
  readonly partnerId: string;
  readonly versions: readonly PlainVersion[];
  readonly balances = new Map<string, bigint>();
  readonly lines = new Map<string, ModelLine>();
  readonly open = new Map<string, string>();
  /** By contract and first day. */
  readonly states = new Map<string, 'review' | 'locked' | 'passed'>();
  readonly revisions = new Map<string, number>();
  readonly once = new Set<string>();
  readonly moved = new Map<string, bigint>();
  /** Locked ones, oldest first. */
  readonly statements: ModelStatement[] = [];
  /** Events whose lines are in the ledger. */
  readonly booked = new Set<string>();
  readonly #byObject = new Map<string, string[]>();

  /** @param versions of all contracts; grows as versions are added */
  constructor(partnerId: string, versions: readonly PlainVersion[]) {
    this.partnerId = partnerId;
    this.versions = versions;
  }

  get contracts(): string[] {
    return [...new Set(this.versions.map(({ contract }) => contract))];
  }

  versionsOf(contract: string): PlainVersion[] {
    return this.versions.filter((version) => version.contract === contract);
  }

  versionById(id: string): PlainVersion {
    const found = this.versions.find((version) => version.id === id);
    if (found === undefined) throw new Violation('lines', `${this.partnerId} has no terms ${id}`);
    return found;
  }

  cycleOf(contract: string): PlainVersion['cycle'] {
    const [first] = this.versionsOf(contract);
    if (first === undefined) throw new Violation('lines', `${this.partnerId} has no contract ${contract}`);
    return first.cycle;
  }

  /** The period that takes something of an instant: its own, or the first that is not cut. */
  place(contract: string, ms: number): { readonly period: string; readonly originalPeriod: string | null } {
    const own = periodAt(this.cycleOf(contract), ms);
    const open = this.open.get(contract);
    return open === undefined || own >= open
      ? { period: own, originalPeriod: null }
      : { period: open, originalPeriod: own };
  }

  put(line: ModelLine): void {
    if (!this.lines.has(line.id)) {
      for (const object of [line.application, line.loan]) {
        if (object !== null) this.#byObject.set(object, [...(this.#byObject.get(object) ?? []), line.id]);
      }
    }
    this.lines.set(line.id, line);
  }

  line(id: string): ModelLine {
    const found = this.lines.get(id);
    if (found === undefined) throw new Violation('lines', `${id} is changed and was never booked`);
    return found;
  }

  /** Lines of an application or a loan. */
  linesOf(object: string): ModelLine[] {
    return (this.#byObject.get(object) ?? []).map((id) => this.line(id));
  }

  linesIn(contract: string, period: string): ModelLine[] {
    return [...this.lines.values()].filter((line) => line.contract === contract && line.period === period);
  }

  move(contract: string, period: string, what: Movement, amount: bigint): void {
    const key = `${contract}|${period}|${what}`;
    this.moved.set(key, (this.moved.get(key) ?? 0n) + amount);
  }

  movedIn(contract: string, period: string, what: Movement): bigint {
    return this.moved.get(`${contract}|${period}|${what}`) ?? 0n;
  }

  /** What moved in all periods after one. */
  movedAfter(contract: string, period: string, what: Movement): bigint {
    let sum = 0n;
    for (const [key, amount] of this.moved) {
      const [of, id = '', kind] = key.split('|');
      if (of === contract && kind === what && id > period) sum += amount;
    }
    return sum;
  }

  /** A period is cut: what belongs there goes to the one after it from now on. */
  cut(contract: string, period: string): void {
    this.open.set(contract, periodAfter(this.cycleOf(contract), period));
    this.states.set(`${contract}|${period}`, 'review');
    this.revisions.set(`${contract}|${period}`, 1);
  }

  stateOf(contract: string, period: string): 'open' | 'review' | 'locked' | 'passed' {
    return this.states.get(`${contract}|${period}`) ?? 'open';
  }

  balance(contract: string, name: string): bigint {
    return this.balances.get(`${contract}/CNY/${name}`) ?? 0n;
  }
}
