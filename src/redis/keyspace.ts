import { ALL_SHARDS, shardTag } from '../base/ids.ts';

/**
 * Every key that Sluice writes, spelled once. `{xx}` is a shard tag 00–3f, `{p:<partner>}` a counterparty's slot; one script
 * touches one slot. No key holds an identity: subjects are 22-character HMAC tokens, references are hashed.
 *
 * | key | owner | type | lifetime |
 * |---|---|---|---|
 * | `{00}:meta` | redis | hash: schema, shards | for ever |
 * | `{00}:clock` | sandbox | string: offset in ms | for ever (sandbox only) |
 * | `{00}:clock:seen` | sandbox | hash: process on this machine → offset it goes by | for ever (sandbox only) |
 * | `{xx}:log` | events | stream: one entry an event | for ever |
 * | `{xx}:lease` | events | hash: owner, fence | a few seconds |
 * | `{xx}:fence` | events | integer: last fencing number | for ever |
 * | `{xx}:cursors` | events | hash: projection → last stream id applied | for ever |
 * | `{xx}:parked` | events | hash: projection and subject → error and stream ids | until re-driven |
 * | `{xx}:redrive` | events | set: what an operator asked to replay | until done |
 * | `{xx}:app:<id>` | applications | hash: v (version), doc (JSON) | retention |
 * | `{xx}:sealed:<id>` | applications | string: sealed personal data | retention, erasure |
 * | `{xx}:inbox:<id>` | applications | hash: lender event id → digest and result | as the application |
 * | `{xx}:loan:<id>` | applications | string: application id | as the application |
 * | `{xx}:ref:<lender>:<hash>` | applications | string: application or loan id by the lender's reference | as the application |
 * | `{xx}:intents` | applications | zset: application id by creation, until its claim steps are finished | seconds |
 * | `{xx}:outbox` | applications | zset: delivery by due time | until delivered |
 * | `{xx}:dead` | applications | hash: delivery that was given up, with its error | until re-driven |
 * | `{xx}:timers` | applications | zset: application and rule by due time | until due |
 * | `{xx}:claim:<lender>:<token>` | screening | string: application id, `|` the ended owner before it | while claimed |
 * | `{xx}:hold:<lender>:<token>` | screening | string: precheck reservation (JSON) | 10 minutes |
 * | `{xx}:clk:<id>` | attribution | hash: one click | 400 days |
 * | `{xx}:vis:<hash>` | attribution | string: click id of a visitor in the window | an hour |
 * | `{xx}:touch:<token>` | attribution | zset: touches bound to a subject by time | 400 days |
 * | `{xx}:link:<code>` | attribution | string: a link made over the API (JSON) | for ever |
 * | `{p:x}:nonce:<hash>` | trust | string | ≤ 6 minutes |
 * | `{p:x}:ledger` | revenue | stream: one entry a posting, id = seq-0 | for ever |
 * | `{p:x}:book` | revenue | hash: rev, seq, head, and every counter a posting reads | for ever |
 * | `{p:x}:balances` | revenue | hash: contract and account → minor units | for ever |
 * | `{p:x}:lines` | revenue | hash: commission id → JSON | for ever |
 * | `{p:x}:lines:<index>` | revenue | zset, by text: commission ids of a `period`, an `object`, a `time` | for ever |
 * | `{p:x}:once` | revenue | hash: once_per key → commission id | for ever |
 * | `{p:x}:transfers` | revenue | hash: transfer or event id → place in the ledger | for ever |
 * | `{p:x}:terms` | revenue | hash: terms id that has priced → fingerprint of its content | for ever |
 * | `{p:x}:loans` | revenue | hash: loan id → what pricing needs of it (JSON) | for ever |
 * | `{p:x}:holds` | revenue | zset: held commission by release time | until released |
 * | `{p:x}:periods` | revenue | hash: contract and period → JSON | for ever |
 * | `{p:x}:statements` | revenue | hash: statement id → JSON | for ever |
 * | `{p:x}:index:<name>` | insight | zset: application ids by last change: `updated`, `user:<hash>`, `lender` | retention |
 * | `{p:x}:funnel` | insight | hash: counters in total | for ever |
 * | `{p:x}:funnel:<by>:<value>` | insight | hash: counters by product, link, day | for ever |
 * | `{p:x}:funnel:marks` | insight | hash: application, registration or click → last event counted | as the log |
 * | `{p:x}:links` | attribution | set: link codes made over the API | for ever |
 * | `{sbx:<lender>}:*` | sandbox lender | its whole core | sandbox only |
 */
export interface Keyspace {
  readonly prefix: string;
  /** Pub/sub channel on which a shard's number is published after each append. */
  readonly wakeChannel: string;
  meta(): string;
  clock(): string;
  clockSeen(): string;
  /** A key of a shard: `shard(7, 'app', id)`. */
  shard(shard: number, name: ShardKey, ...rest: readonly string[]): string;
  /** A key of a counterparty's slot: `partner('acme', 'ledger')`. */
  partner(partnerId: string, name: PartnerKey, ...rest: readonly string[]): string;
  /** A key of the sandbox lender. */
  sandbox(lenderId: string, name: string): string;
}

export type ShardKey =
  | 'log'
  | 'lease'
  | 'fence'
  | 'cursors'
  | 'parked'
  | 'redrive'
  | 'app'
  | 'sealed'
  | 'inbox'
  | 'loan'
  | 'ref'
  | 'intents'
  | 'outbox'
  | 'dead'
  | 'timers'
  | 'claim'
  | 'hold'
  | 'clk'
  | 'vis'
  | 'touch'
  | 'link';

export type PartnerKey =
  | 'nonce'
  | 'ledger'
  | 'book'
  | 'balances'
  | 'lines'
  | 'once'
  | 'transfers'
  | 'loans'
  | 'terms'
  | 'holds'
  | 'periods'
  | 'statements'
  | 'index'
  | 'funnel'
  | 'links';

/** @param prefix keeps several installations (and every test) apart in one Redis */
export function createKeyspace(prefix: string): Keyspace {
  const tags = ALL_SHARDS.map((shard) => `${prefix}{${shardTag(shard)}}:`);
  return {
    prefix,
    wakeChannel: `${prefix}wake`,
    meta: () => `${prefix}{00}:meta`,
    clock: () => `${prefix}{00}:clock`,
    clockSeen: () => `${prefix}{00}:clock:seen`,
    shard: (shard, name, ...rest) => `${tags[shard]}${[name, ...rest].join(':')}`,
    partner: (partnerId, name, ...rest) => `${prefix}{p:${partnerId}}:${[name, ...rest].join(':')}`,
    sandbox: (lenderId, name) => `${prefix}{sbx:${lenderId}}:${name}`,
  };
}
