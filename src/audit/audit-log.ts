import { type Clock, isoOf, systemClock } from '../base/clock.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { defineScript } from '../redis/script.ts';
import { deriveKey } from '../trust/derive-key.ts';
import {
  AUDIT_GENESIS,
  AUDIT_GENESIS_HASH,
  AUDIT_KEY_PURPOSE,
  type AuditDraft,
  type AuditEntry,
  type AuditHead,
  canonicalText,
  sealAuditEntry,
} from './audit-entry.ts';

type AppendReply = { readonly written: true } | { readonly written: false; readonly head: AuditHead };

const append = defineScript<'log' | 'head' | 'ends', AppendReply>({
  file: new URL('./append-audit-entry.lua', import.meta.url),
  keys: ['log', 'head', 'ends'],
  reply: (raw) => {
    const [written, seq, hash, at] = raw as readonly [number, string, string, string];
    return written === 1 ? { written: true } : { written: false, head: headOf([seq, hash, at]) };
  },
});

/** Losing so often in a row, with one writer a process, is a fault. */
const ATTEMPTS_MAX = 100;

export interface AuditLogDeps {
  readonly client: RedisClient;
  readonly keys: Keyspace;
  /** The MACs' key is derived from it. */
  readonly rootSecret: Uint8Array;
  /** Real time; the audit never reads a sandbox clock. */
  readonly clock?: Clock;
  /** Told when the chain is shorter than this process has seen it: entries were taken away, or Redis lost some. */
  onRegression?(seen: AuditHead, found: AuditHead): void;
}

/**
 * The append-only, hash-chained log of what operators and counterparties did.
 *
 * Found by a check of the chain: an entry that was changed, dropped, swapped or inserted, and a chain written anew by
 * somebody who has Redis but not the root secret (every entry carries a MAC). Not found from Redis alone: a tail that was
 * cut off together with the head, back to a state that once was true. That is what heads outside of Redis are for: each
 * acting request logs `audit_head`, `/metrics` shows the sequence, `GET /admin/v1/audit/head` gives a signed one, and
 * `sluice audit check --expect` holds one against the chain. Who has the root secret can write any chain.
 */
export class AuditLog {
  readonly #deps: AuditLogDeps;
  readonly #key: Uint8Array;
  /** One writer a process: its appends wait for each other instead of racing. */
  #queue: Promise<unknown> = Promise.resolve();
  #head: AuditHead | undefined;

  constructor(deps: AuditLogDeps) {
    this.#deps = deps;
    this.#key = auditKey(deps.rootSecret);
  }

  /**
   * Appends one entry. When it throws, the entry may stand in the chain nevertheless (a reply was lost).
   * @throws what Redis throws when it cannot be used
   */
  append(draft: AuditDraft): Promise<AuditEntry> {
    const appended = this.#queue.then(() => this.#append(draft));
    this.#queue = appended.catch(() => undefined);
    return appended;
  }

  async #append(draft: AuditDraft): Promise<AuditEntry> {
    const { client, clock = systemClock } = this.#deps;
    let head = this.#head ?? (await this.head());
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const entry = sealAuditEntry(head, draft, isoOf(clock.nowMs()), this.#key);
      const reply = await append.run(client, auditKeys(this.#deps.keys), [
        head.seq === 0 ? '' : head.hash,
        entry.seq,
        entry.hash,
        entry.at,
        entry.mac,
        canonicalText(entry),
        entry.intent ?? '',
      ]);
      if (reply.written) {
        this.#head = entry;
        return entry;
      }
      if (reply.head.seq < head.seq) this.#deps.onRegression?.(head, reply.head);
      head = reply.head;
    }
    throw new Error('the audit log has moved on before every attempt to append');
  }

  /** The head that Redis holds now. */
  async head(): Promise<AuditHead> {
    const { client, keys } = this.#deps;
    return headOf(await client.hmget(auditKeys(keys).head, 'seq', 'hash', 'at'));
  }
}

/** Key of the MACs. */
export function auditKey(rootSecret: Uint8Array): Buffer {
  return deriveKey(rootSecret, AUDIT_KEY_PURPOSE);
}

/** The audit's keys in Redis. */
export function auditKeys(keys: Keyspace): Readonly<Record<'log' | 'head' | 'ends', string>> {
  return {
    log: keys.shard(0, 'audit'),
    head: keys.shard(0, 'audit', 'head'),
    ends: keys.shard(0, 'audit', 'ends'),
  };
}

/** @param stored seq, hash and at of the head */
export function headOf([seq, hash, at]: readonly (string | null | undefined)[]): AuditHead {
  if (!seq || seq === '0') return AUDIT_GENESIS;
  return { seq: Number(seq), hash: hash || AUDIT_GENESIS_HASH, at: at || null };
}
