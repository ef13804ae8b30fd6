import {
  AUDIT_GENESIS,
  type AuditEntry,
  type AuditFault,
  type AuditHead,
  canonicalText,
  checkAuditLink,
  isMacOf,
} from './audit-entry.ts';
import { headOf } from './audit-log.ts';
import type { AuditReader } from './audit-reader.ts';

/** What is wrong, the first of it. `seq` is the first entry that does not hold, or the place where one is missing. */
export interface AuditDamage {
  readonly seq: number;
  readonly fault:
    | AuditFault
    /** Not the RFC 8785 form of an entry, or not in its place. */
    | 'unreadable'
    /** The head names another entry than the last, or carries no MAC of ours. */
    | 'head_mismatch'
    /** The stream has held entries beyond the head. */
    | 'tail_cut'
    /** The index of ends does not agree with the entries. */
    | 'ends_mismatch'
    /** A head that was noted outside of Redis is not in the chain. */
    | 'expected_head_missing';
  readonly detail: string;
}

/** `entries` counts those that hold. */
export interface AuditReport {
  readonly entries: number;
  readonly head: AuditHead;
  readonly unfinished: number;
  readonly damage: AuditDamage | null;
}

export interface CheckAuditDeps {
  readonly reader: AuditReader;
  readonly key: Uint8Array;
  /** Heads that were noted outside of Redis: of a log line, of `/metrics`, of a signed head. */
  readonly expected?: readonly { readonly seq: number; readonly hash: string }[];
  progress?(done: number, total: number): void;
}

const PROGRESS_EVERY = 1_000;

/**
 * Replays the chain up to the head of the moment, checking every hash and MAC, then the head, the index of ends and what was
 * noted outside. Acts that are recorded meanwhile do not disturb it. It stops at the first entry that does not hold.
 */
export async function checkAudit(deps: CheckAuditDeps): Promise<AuditReport> {
  const check = new AuditCheck(deps);
  await check.replay();
  await check.compareEnds();
  check.compareHead();
  check.compareExpected();
  return check.report();
}

class AuditCheck {
  readonly #deps: CheckAuditDeps;
  /** Ends by their announcing entry, of the entries that hold. */
  readonly #ends = new Map<number, number>();
  readonly #expected: Map<number, string>;
  #stored: AuditHead = AUDIT_GENESIS;
  #storedMac: string | null = null;
  #highest = 0;
  #head: AuditHead = AUDIT_GENESIS;
  #intended = 0;
  #damage: AuditDamage | null = null;

  constructor(deps: CheckAuditDeps) {
    this.#deps = deps;
    this.#expected = new Map(deps.expected?.map(({ seq, hash }) => [seq, hash]));
  }

  report(): AuditReport {
    const unfinished = this.#intended - this.#ends.size;
    return { entries: this.#head.seq, head: this.#head, unfinished, damage: this.#damage };
  }

  async replay(): Promise<void> {
    const { reader, progress } = this.#deps;
    const { head, highest } = await reader.standing();
    this.#stored = headOf(head);
    this.#storedMac = head[3] ?? null;
    this.#highest = highest;
    const beyond = Math.max(this.#stored.seq, highest);
    for await (const { id, text } of reader.texts()) {
      if (this.#head.seq >= beyond && beyond > 0) break;
      if (!this.#take(id, text)) return;
      if (this.#head.seq % PROGRESS_EVERY === 0) progress?.(this.#head.seq, beyond);
    }
    progress?.(this.#head.seq, this.#head.seq);
  }

  #take(id: string, text: string): boolean {
    const seq = this.#head.seq + 1;
    const entry = readEntry(text);
    if (entry === undefined) return this.#damaged(seq, 'unreadable', 'it is not the canonical form of an entry');
    if (id !== `${entry.seq}-0`) return this.#damaged(seq, 'unreadable', `entry ${entry.seq} stands at ${id}`);
    const fault = checkAuditLink(this.#head, entry, this.#deps.key);
    if (fault !== null) return this.#damaged(seq, fault, FAULTS[fault]);
    if (entry.outcome === 'intended') this.#intended += 1;
    else if (entry.intent !== null) this.#ends.set(entry.intent, entry.seq);
    if (this.#expected.get(seq) === entry.hash) this.#expected.delete(seq);
    this.#head = { seq, hash: entry.hash, at: entry.at };
    return true;
  }

  async compareEnds(): Promise<void> {
    if (this.#damage !== null) return;
    let agreeing = 0;
    for await (const [intent, end] of this.#deps.reader.ends()) {
      if (end > this.#head.seq) continue;
      if (this.#ends.get(intent) !== end) {
        this.#damaged(intent, 'ends_mismatch', `the index says it ended with ${end}, the entries do not`);
        return;
      }
      agreeing += 1;
    }
    if (agreeing < this.#ends.size) this.#damaged(this.#head.seq, 'ends_mismatch', 'ends are missing from the index');
  }

  compareHead(): void {
    if (this.#damage !== null) return;
    const { seq, hash } = this.#stored;
    if (this.#head.seq < seq) {
      this.#damaged(this.#head.seq + 1, 'head_mismatch', `the head says ${seq}, the chain ends at ${this.#head.seq}`);
    } else if (this.#highest > this.#head.seq) {
      this.#damaged(this.#head.seq + 1, 'tail_cut', `the stream has held entries up to ${this.#highest}`);
    } else if (this.#head.seq === seq && (hash !== this.#head.hash || !this.#isHeadOurs())) {
      this.#damaged(seq, 'head_mismatch', 'the head is not that of the last entry');
    } else if (this.#head.seq > seq && this.#highest > seq) {
      this.#damaged(seq + 1, 'head_mismatch', `the head says ${seq}, the chain goes on to ${this.#head.seq}`);
    }
  }

  compareExpected(): void {
    const [missing] = this.#expected;
    if (this.#damage !== null || missing === undefined) return;
    this.#damaged(missing[0], 'expected_head_missing', 'a head that was noted outside is not in the chain');
  }

  #isHeadOurs(): boolean {
    return this.#stored.seq === 0 || isMacOf(this.#storedMac, this.#stored.hash, this.#deps.key);
  }

  #damaged(seq: number, fault: AuditDamage['fault'], detail: string): false {
    this.#damage = { seq, fault, detail };
    return false;
  }
}

const FAULTS: Readonly<Record<AuditFault, string>> = {
  seq_gap: 'an entry is missing or was inserted before it',
  previous_hash_mismatch: 'it is not linked to the entry before it',
  hash_mismatch: 'its content is not what was hashed',
  mac_mismatch: 'no gateway with this root secret wrote it',
  time_goes_back: 'it is dated before the entry before it',
};

/** undefined for text that is not exactly what we would write. */
function readEntry(text: string): AuditEntry | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || canonicalText(parsed) !== text) return undefined;
    return parsed as AuditEntry;
  } catch {
    return undefined;
  }
}
