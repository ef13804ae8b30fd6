import { ALL_SHARDS, shardTag } from '../base/ids.ts';

/**
 * Every key that Sluice writes, spelled once. `{xx}` is a shard tag 00–3f, `{p:<partner>}` a counterparty's slot; one script
 * touches one slot. No key holds an identity: subjects are 22-character HMAC tokens, references are hashed.
 *
 * | key | owner | type | lifetime |
 * |---|---|---|---|
 * | `{00}:meta` | redis | hash: schema, shards; pepper (its fingerprint), list_forms | for ever |
 * | `{00}:keyring` | keys | hash: key id of a counterparty → key or overlay (JSON, secrets sealed), `#revision`, `#write` | for ever |
 * | `{00}:our-keys` | trust | hash: latest generation of our signing key, and each one (JSON) | for ever |
 * | `{00}:clock` | sandbox | string: offset in ms | for ever (sandbox only) |
 * | `{00}:clock:seen` | sandbox | hash: process on this machine → offset it goes by | for ever (sandbox only) |
 * | `{00}:audit` | audit | stream: one entry a step of an act, id = seq-0 | for ever |
 * | `{00}:audit:head` | audit | hash: seq, hash, at, mac of the last entry | for ever |
 * | `{00}:audit:ends` | audit | hash: seq of an intended entry → seq of its end | for ever |
 * | `{00}:operators` | operators | hash: name → account (JSON), with the SHA-256 of its token | for ever |
 * | `{00}:operators:tokens` | operators | hash: SHA-256 of a valid token → name | until revoked |
 * | `{00}:alarms` | screening | hash: alarm id → alarm (JSON), id:seen, id:ended, id:acknowledged | 90 days, the latest 5 000 |
 * | `{00}:alarms:on` | screening | hash: partner and kind → id of the alarm that is on | until it ends |
 * | `{00}:alarms:times` | screening | zset: alarm id by the time it was raised | as the alarm |
 * | `{xx}:log` | events | stream: one entry an event | for ever |
 * | `{xx}:lease` | events | hash: owner, fence | a few seconds |
 * | `{xx}:fence` | events | integer: last fencing number | for ever |
 * | `{xx}:cursors` | events | hash: projection → last stream id applied | for ever |
 * | `{xx}:parked` | events | hash: projection and subject → error and stream ids | until re-driven |
 * | `{xx}:redrive` | events | set: what an operator asked to replay | until done |
 * | `{xx}:app:<id>` | applications | hash: v (version), doc (JSON) | retention |
 * | `{xx}:sealed:<id>` | applications | string: sealed personal data | retention, erasure |
 * | `{xx}:inbox:<id>` | applications | hash: lender event id → digest and result | as the application |
 * | `{xx}:messages:<id>` | applications | hash: delivery id → sealed message to the lender of one application | until delivered |
 * | `{xx}:of:<id>` | applications | string: application id of an action, a card, a repayment | as the application |
 * | `{xx}:quote:<id>` | applications | string: a quote of a drawdown (JSON) | a week after its end |
 * | `{xx}:quote:of:<application>` | applications | zset: its quotes by when they were made, the latest 50 | as the latest of them |
 * | `{xx}:loan:<id>` | applications | string: application id | as the application |
 * | `{xx}:ref:<lender>:<hash>` | applications | string: application or loan id by the lender's reference | as the application |
 * | `{xx}:intents` | applications | zset: application id, and `id|joiner`, by when they began its claim steps, until they have finished | seconds |
 * | `{xx}:deliveries` | applications | hash: delivery id → kind, application, lender of a message to a core | until answered or dropped |
 * | `{xx}:queue:<id>` | applications | zset: deliveries of one application by the microsecond of their coming: their order | until answered |
 * | `{xx}:waiting:<lender>` | applications | zset: deliveries of one lender, likewise | until answered |
 * | `{xx}:outbox:<lender>` | applications | zset: application by when its first delivery is due, how often it failed, who has it | until answered |
 * | `{xx}:lanes` | applications | zset: lender by when the first of its deliveries is due at the earliest | for ever |
 * | `{xx}:dead` | applications | hash: delivery that was given up → why (JSON) | until re-driven or dropped |
 * | `{xx}:dead:<lender>` | applications | zset: delivery of one lender by when it was given up | until re-driven or dropped |
 * | `{xx}:event:<lender>:<hash>` | applications | string: application that a lender's event id was used for, since when | 1095 days |
 * | `{xx}:funded` | revenue | hash: application → whose money, as of which event (JSON) | as the log |
 * | `{xx}:reached` | revenue | hash: month, step, partner, product, link → applicants granted, disbursed | for ever |
 * | `{xx}:timers` | applications | zset: application and rule by due time | until due |
 * | `{xx}:doc:<id>` | applications | hash: partner, kind, sha256, type, bytes, state, expires, token of a document on disk | a day, while used as the applications |
 * | `{xx}:docuses:<id>` | applications | hash: application that uses it → since when (ms) | as the document |
 * | `{xx}:docs` | applications | zset: document by the business time at which to look at it again | as the document |
 * | `{xx}:docsame:<token>` | applications | string: id of the document with the same partner, kind and bytes | as the document |
 * | `{xx}:docsof:<application>` | applications | set: documents that an application uses | retention, erasure |
 * | `{xx}:lent` | applications | set: applications with loans that were paid out | until over at a month’s end |
 * | `{00}:receivables:<month>` | applications | hash: cut_at; number → row (JSON) of a month-end snapshot | for ever |
 * | `{00}:receivables:last` | applications | string: latest month that was counted | for ever |
 * | `{xx}:claim:<lender>:<token>` | screening | string: application id, `|` the ended owner before it | while claimed |
 * | `{xx}:hold:<lender>:<token>` | screening | string: precheck reservation (JSON) | 10 minutes |
 * | `{xx}:masked:<token>` | screening | set: people who look so behind a mask, each by tokens of phone and id number | for ever |
 * | `{xx}:device:<token>` | screening | zset: person by when they applied on a device or from an address | two days |
 * | `{00}:listsources` | screening | hash: scope and contributor of list entries ↔ a small number | for ever |
 * | `{xx}:list:<kind>.<form>` | screening | hash: n (buckets), size, counts of one family of the list index | for ever |
 * | `{xx}:list:<kind>.<form>:<n>` | screening | hash, one bucket: 16-byte token → packed memberships of lists | until withdrawn or expired |
 * | `{xx}:listref:<token>` | screening | hash: list and source → entry id, group, retry_at (JSON) | as the entry |
 * | `{xx}:listentry:<id>` | screening | hash: v (version), doc (JSON): a list entry that carries details | 400 days after it expires |
 * | `{xx}:listgroup:<hash>` | screening | hash: entry id → tokens (JSON); `suspended` | 400 days after its entries expire |
 * | `{xx}:listhits` | screening | stream: decisions that list entries had a part in | the last 2 000 |
 * | `{xx}:listhits:<id>` | screening | hash: entry → hit (JSON) of one application | 400 days |
 * | `{xx}:listauto:<id>` | screening | hash: loan → day since which it holds an automatic entry, or `waived` | 6 years |
 * | `{xx}:listdue` | screening | zset: application by when a loan may reach the days of an automatic entry | until due |
 * | `{00}:appeal:<id>` | screening | hash: v (version), doc (JSON): an appeal | for ever |
 * | `{00}:appeals` | screening | zset: appeal by when it was opened | for ever |
 * | `{00}:appeals:live` | screening | zset: undecided appeal by when to look at it again | until decided |
 * | `{00}:appeals:parties` | screening | zset, by text: party and appeal | for ever |
 * | `{00}:appeals:entries` | screening | zset, by text: entry and appeal that keeps it suspended | until answered |
 * | `{00}:listimport:<id>` | screening | hash: owner, state of a bulk import | 30 days |
 * | `{xx}:listimport:<id>:<kind>.<form>` | screening | hash: what its last two batches answered here | 30 days |
 * | `{xx}:clicks` | attribution | stream, the click log: one entry an arrival | 400 days |
 * | `{xx}:clk:<id>` | attribution | hash: what became of a click: bound to whom, tries of a code; `at`, its place; `restored`, by which finding | 400 days |
 * | `{xx}:late` | attribution | set: random parts of clicks that were kept on disk although they may have been sent | a day |
 * | `{xx}:late:any` | attribution | string: there are some | a day |
 * | `{xx}:vis:<name>:<link>` | attribution | string: the click of a visitor in the window | 0–24 hours, by the link |
 * | `{xx}:touch:<token>` | attribution | zset: touches bound to a subject by time | 400 days |
 * | `{xx}:handoff:<id>` | attribution | hash: one hand-off, digest of its token, when it was spent | 400 days, unopened two |
 * | `{xx}:handoff:<id>:person` | attribution | string: sealed identity that the lender may be told | until it is spent, or over |
 * | `{xx}:handoff:<id>:back` | attribution | string: sealed address that the applicant comes back to | a day |
 * | `{xx}:codes:<what>:<token>` | limits | hash: one-time codes to a `phone`, or for an `address`, in this hour and day | two days |
 * | `{xx}:person:<token>` | privacy | set: applications and registrations of a subject, by each of its tokens | as the application |
 * | `{xx}:retention` | privacy | zset: application with sealed data by the business time at which it is erased | until erased |
 * | `{xx}:retained` | privacy | string: place in the log up to which clicks were looked at | for ever |
 * | `{00}:reseal` | privacy | hash: active sealing key, shards done, when it had nothing more to do | for ever |
 * | `{00}:chore:<name>` | privacy | string: process that does a background chore | ten seconds |
 * | `{xx}:products` | catalogue | hash: product → its pauses and what was told of it last (JSON), `#revision`; `#baseline` in 00 | for ever |
 * | `{xx}:link:<code>` | attribution | string: a link made over the API (JSON) | for ever |
 * | `{00}:links:paused` | attribution | hash: link code → why its partner switched it off (JSON), `#revision` | until it is on again |
 * | `{00}:quality:findings` | attribution | hash: finding about traffic → JSON | 90 days, the latest 20 000 |
 * | `{00}:quality:on` | attribution | hash: partner, link and code → finding that is on | until it ends |
 * | `{00}:quality:times` | attribution | zset: finding by when it began; `quality:of:<partner>` of one partner | as the finding |
 * | `{00}:quality:holds` | attribution | hash: finding → link whose clicks are not billable, from when until when (JSON) | 14 days after its end |
 * | `{00}:quality:afresh` | attribution | hash: partner and link → from when on it is judged, what was lifted (JSON) | 36 days |
 * | `{00}:quality:dirty` | attribution | set: partner and link whose traffic is to be judged | until it is |
 * | `{p:x}:nonce:<hash>` | limits | string | ≤ 6 minutes |
 * | `{p:x}:rate:<a second>` | limits | string: when the rate lets the next request arrive, counted in requests | until the burst is full again |
 * | `{p:x}:probes:<day>` | limits | string: subjects prechecked that day | two days |
 * | `{p:x}:spent:<what>:<day>` | limits | string: `handoffs` made, `onward:<application>` from its page, `uploads` in bytes that day | two days |
 * | `{p:x}:codes` | limits | hash: one-time codes for a partner in this hour and day | two days |
 * | `{p:x}:codes:<link>` | limits | hash: the same through one link, or one hand-off | two days |
 * | `{p:x}:cards:<day>:<count>` | screening | HyperLogLog: events of cards that were `tried`, `refused` that day | two days |
 * | `{p:x}:places:<cap>:<day>` | limits | set: applications that count under a daily cap: `partner`, `lender`, `product:<id>`, `link:<code>` | two days |
 * | `{p:x}:reservations` | limits | zset: reservation (precheck and lender) by its end in business time | an hour |
 * | `{p:x}:reserved:<precheck>` | limits | hash: lender → tokens that are reserved there (JSON) | an hour |
 * | `{p:x}:watch:m<minute>` | screening | hash: counts of its questions in that minute, crowds by token | 12 minutes |
 * | `{p:x}:watch:h<hour>` | screening | hash: the same of that hour | 26 hours |
 * | `{p:x}:watch:days` | screening | hash: told and known a day | 31 days after the last question |
 * | `{p:x}:watch:state` | screening | hash: judged (ms); process → its last addition | 26 hours after the last question |
 * | `{p:x}:ledger` | revenue | stream: one entry a posting, id = seq-0 | for ever |
 * | `{p:x}:book` | revenue | hash: rev, seq, head, and every counter a posting reads | for ever |
 * | `{p:x}:balances` | revenue | hash: contract and account → minor units | for ever |
 * | `{p:x}:snapshots` | revenue | hash: balances after every 1024th entry or so (JSON) | for ever |
 * | `{p:x}:lines` | revenue | hash: commission id → JSON | for ever |
 * | `{p:x}:lines:<index>` | revenue | zset, by text: commission ids of a `period`, a `time` | for ever |
 * | `{p:x}:objects` | revenue | hash: application or loan → its first commission, how many more it has, and each by its number | for ever |
 * | `{p:x}:once` | revenue | hash: once_per key → commission id | for ever |
 * | `{p:x}:transfers` | revenue | hash: transfer or event id → place in the ledger | for ever |
 * | `{p:x}:terms` | revenue | hash: terms id that has priced → fingerprint of its content | for ever |
 * | `{p:x}:loans` | revenue | hash: loan id → what pricing needs of it (JSON) | for ever |
 * | `{p:x}:holds` | revenue | zset: held commission by release time | until released |
 * | `{p:x}:periods` | revenue | hash: contract and period → JSON | for ever |
 * | `{p:x}:statements` | revenue | hash: statement id → JSON | for ever |
 * | `{p:x}:settlements` | revenue | hash: statement id → acceptance and invoices (JSON) | for ever |
 * | `{p:x}:payments` | revenue | hash: payment id → JSON | for ever |
 * | `{p:x}:disputes` | revenue | hash: dispute id → JSON | for ever |
 * | `{p:x}:margin` | revenue | hash: month, bucket, currency and whose business → Σ lines in minor units | for ever |
 * | `{p:x}:reconciliation:<id>` | revenue | string: report about a file of a counterparty (JSON); its rows are on disk | 180 days |
 * | `{p:x}:reconciliation:mappings` | revenue | hash: contract → how its last file was read (JSON) | for ever |
 * | `{p:x}:reconciliation:resolved:<statement>` | revenue | hash: hash of an issue → how it was resolved (JSON) | for ever |
 * | `{p:x}:feed` | delivery | stream: what its counterparty is told, in order; commissions and statements by the script that books them | retention |
 * | `{p:x}:feed:marks` | delivery | hash: application, registration or product → last event of the log that the feed has | as the feed |
 * | `{p:x}:feed:floor` | delivery | string: place of the last entry that the feed keeps no longer | for ever |
 * | `{p:x}:deliveries:lease` | delivery | string: process that looks after the partner’s deliveries | 15 seconds |
 * | `{p:x}:deliveries:<channel>:state` | delivery | hash: cursor in the feed, fingerprint of the target, when it was switched off, how it does; channels: `webhook`, `postback-<host>` | for ever |
 * | `{p:x}:deliveries:<channel>:records` | delivery | hash: delivery that failed, waits behind one, or was delivered lately → JSON | as the feed; 1 000 delivered ones |
 * | `{p:x}:deliveries:<channel>:queue` | delivery | zset, by text: what it is about, place in the feed, delivery that waits | until delivered or given up |
 * | `{p:x}:deliveries:<channel>:due` | delivery | zset: what deliveries are about by when the first of them is due | until delivered or given up |
 * | `{p:x}:deliveries:<channel>:index` | delivery | zset: delivery with a record by when its event was told; `done` delivered ones by when | as the record |
 * | `{p:x}:deliveries:<channel>:told` | delivery | hash: application, registration or commission → payout that postbacks have told of it (JSON) | for ever |
 * | `{p:x}:index:<name>` | insight | zset: application ids by last change: `updated`, `user:<hash>`, `lender` | retention |
 * | `{p:x}:funnel` | insight | hash: counters in total | for ever |
 * | `{p:x}:funnel:<by>:<value>` | insight | hash: counters by product, link, day | for ever |
 * | `{p:x}:funnel:link_day:<code>:<day>` | insight | hash: counters of one link on one day | 400 days |
 * | `{p:x}:funnel:marks` | insight | hash: application, registration or click → last event counted | as the log |
 * | `{p:x}:pages:click:<id>` | insight | hash: what a click’s page loads have told, each once; steps it has taken | 9 days |
 * | `{p:x}:pages:day:<link>:<day>` | insight | hash: counters of hosted pages by device and variant | 400 days |
 * | `{p:x}:pages:variants:<link>` | insight | hash: split, variant and step → clicks that came to it | for ever |
 * | `{p:x}:pages:marks` | insight | hash: link and shard → place in its click log up to which clicks of variants were counted | for ever |
 * | `{p:x}:pages:outcomes` | insight | hash: click → letters of what became of its applications | as the log |
 * | `{p:x}:quality:marks` | attribution | hash: click log or event log of a shard → place of the last thing counted | for ever |
 * | `{p:x}:quality:ring:<link>` | attribution | string of 9 216 bytes: counters of 36 days of a link; `~` = all links | 37 days |
 * | `{p:x}:quality:visitors:<link>:<day>` | attribution | zset: the 128 busiest visitors, shortened pseudonyms; `addresses` likewise | two days |
 * | `{p:x}:quality:reported` | attribution | hash: product of a lender → last day on which applications by links became known | for ever |
 * | `{p:x}:totals:marks` | insight | hash: application → last event counted of a lender’s days | as the log |
 * | `{p:x}:totals:loans` | insight | hash: loan → principal, payments (JSON) that its later events are counted by | as the log |
 * | `{p:x}:totals:day:<product>:<day or month>` | insight | hash: counters | for ever |
 * | `{p:x}:totals:months` | insight | zset, by text: product and month with counters | for ever |
 * | `{p:x}:totals:told` | insight | hash: day → what the lender said of it (JSON) | for ever |
 * | `{p:x}:core` | applications | hash: last success, and what each process finds of a lender's core (JSON) | for ever |
 * | `{p:x}:inbound` | applications | stream: events of a lender and what they were answered | the last 5 000 |
 * | `{p:x}:listchanges:<role>` | screening | stream: what this contributor changed on the lists | the last 100 000 |
 * | `{p:x}:links` | attribution | set: link codes made over the API | for ever |
 * | `{sbx:<lender>}:*` | sandbox lender | its whole core | sandbox only |
 */
export interface Keyspace {
  readonly prefix: string;
  /** Pub/sub channel on which a shard's number is published after each append. */
  readonly wakeChannel: string;
  /** Pub/sub channel on which the revision of the keyring is published after each change. */
  readonly keyringChannel: string;
  /** Pub/sub channel on which a new generation of our signing key is told. */
  readonly ourKeysChannel: string;
  /** Pub/sub channel on which the shard of a product is told after its record has changed. */
  readonly catalogueChannel: string;
  /** Pub/sub channel on which a link that was switched off or on is told, behind the revision. */
  readonly linksChannel: string;
  meta(): string;
  keyring(): string;
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
  | 'audit'
  | 'operators'
  | 'our-keys'
  | 'alarms'
  | 'log'
  | 'lease'
  | 'fence'
  | 'cursors'
  | 'parked'
  | 'redrive'
  | 'app'
  | 'sealed'
  | 'inbox'
  | 'messages'
  | 'lent'
  | 'receivables'
  | 'of'
  | 'quote'
  | 'loan'
  | 'ref'
  | 'intents'
  | 'deliveries'
  | 'queue'
  | 'waiting'
  | 'outbox'
  | 'lanes'
  | 'event'
  | 'dead'
  | 'timers'
  | 'funded'
  | 'reached'
  | 'claim'
  | 'hold'
  | 'masked'
  | 'device'
  | 'list'
  | 'listsources'
  | 'listref'
  | 'listentry'
  | 'listgroup'
  | 'listhits'
  | 'listauto'
  | 'listdue'
  | 'appeal'
  | 'appeals'
  | 'listimport'
  | 'clicks'
  | 'clk'
  | 'late'
  | 'vis'
  | 'touch'
  | 'handoff'
  | 'codes'
  | 'person'
  | 'retention'
  | 'retained'
  | 'reseal'
  | 'chore'
  | 'doc'
  | 'docuses'
  | 'docs'
  | 'docsame'
  | 'docsof'
  | 'products'
  | 'link'
  | 'links'
  | 'quality';

export type PartnerKey =
  | 'nonce'
  | 'rate'
  | 'probes'
  | 'spent'
  | 'codes'
  | 'cards'
  | 'places'
  | 'reservations'
  | 'reserved'
  | 'watch'
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
  | 'settlements'
  | 'payments'
  | 'disputes'
  | 'reconciliation'
  | 'feed'
  | 'deliveries'
  | 'margin'
  | 'snapshots'
  | 'objects'
  | 'index'
  | 'funnel'
  | 'pages'
  | 'quality'
  | 'totals'
  | 'core'
  | 'inbound'
  | 'listchanges'
  | 'links';

/** @param prefix keeps several installations (and every test) apart in one Redis */
export function createKeyspace(prefix: string): Keyspace {
  const tags = ALL_SHARDS.map((shard) => `${prefix}{${shardTag(shard)}}:`);
  return {
    prefix,
    wakeChannel: `${prefix}wake`,
    keyringChannel: `${prefix}keyring`,
    ourKeysChannel: `${prefix}our-keys`,
    catalogueChannel: `${prefix}catalogue`,
    linksChannel: `${prefix}links`,
    meta: () => `${prefix}{00}:meta`,
    keyring: () => `${prefix}{00}:keyring`,
    clock: () => `${prefix}{00}:clock`,
    clockSeen: () => `${prefix}{00}:clock:seen`,
    shard: (shard, name, ...rest) => `${tags[shard]}${[name, ...rest].join(':')}`,
    partner: (partnerId, name, ...rest) => `${prefix}{p:${partnerId}}:${[name, ...rest].join(':')}`,
    sandbox: (lenderId, name) => `${prefix}{sbx:${lenderId}}:${name}`,
  };
}
