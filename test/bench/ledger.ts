import { EventBooker } from '../../src/revenue/event-booker.ts';
import type { LedgerBatch } from '../../src/revenue/ledger-batch.ts';
import { type AppendOutcome, LedgerStore } from '../../src/revenue/ledger-store.ts';
import { SLOT_KEYS } from '../../src/revenue/slot.ts';
import { disbursed, logEvent } from '../redis/revenue/desk.ts';
import { TestClock } from '../support/intake.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { terms } from '../unit/revenue/fixtures.ts';

/**
 * Ledger postings with `appendfsync always`: events priced, chained and appended, against a bare script that makes the same
 * writes of the same bytes in the same run; and the cost of a posting in a short ledger against that in a long one.
 *
 *     node --import tsx test/bench/ledger.ts [entries of the long ledger, default 100000]
 */
const SHORT = 1_000;
const LONG = Number(process.argv[2] ?? 100_000);
const SAMPLE = 4_096;
const ROUNDS = 5;
const AT = '2026-01-12T04:00:00.000Z';

/** The writes alone: nothing read, compared, priced or hashed. */
const BARE = `
local seq = tonumber(ARGV[4])
local last = 4 + tonumber(ARGV[3]) * 2
for at = 5, last, 2 do
  seq = seq + 1
  redis.call('XADD', KEYS[1], seq .. '-0', 'e', ARGV[at + 1])
  redis.call('HSET', KEYS[12], ARGV[at], seq)
end
redis.call('HSET', KEYS[2], 'seq', seq, 'head', ARGV[last + 1])
local run = last + 2
while run <= #ARGV do
  local command, key, to = ARGV[run], KEYS[tonumber(ARGV[run + 1])], run + 2 + tonumber(ARGV[run + 2])
  if command == 'XADD' then
    for at = run + 3, to do redis.call('XADD', key, '*', 'e', ARGV[at]) end
  elseif command == 'LIST' then
    for at = run + 3, to, 2 do
      if redis.call('HSETNX', key, ARGV[at], ARGV[at + 1]) == 0 then
        local n = redis.call('HINCRBY', key, ARGV[at] .. '|n', 1)
        redis.call('HSET', key, ARGV[at] .. '|' .. n, ARGV[at + 1])
      end
    end
  elseif command == 'HINCRBY' or command == 'HSETNX' then
    for at = run + 3, to, 2 do redis.call(command, key, ARGV[at], ARGV[at + 1]) end
  else
    redis.call(command, key, unpack(ARGV, run + 3, to))
  end
  run = to + 1
end
return redis.call('HSET', KEYS[2], 'rev', ARGV[2])`;

const contracts = [
  terms({
    rules: [{ id: 'first', on: 'loan.disbursed', pay: { percent: '1.5', of: 'principal' } }],
    clawback: [{ on: 'loan.cancelled', take: { percent: '100' } }],
  }),
];

/** Keeps what was written, for the bare script. */
class RecordingStore extends LedgerStore {
  readonly written: string[][] = [];

  override async append(partnerId: string, batch: LedgerBatch): Promise<AppendOutcome> {
    this.written.push(batch.toArguments());
    return super.append(partnerId, batch);
  }
}

const redis = await startTestRedis();
try {
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) ratios.push(await againstBare(redis, `bare-${round}`));
  process.stdout.write(`of a bare script of the same writes: ${median(ratios).toFixed(2)} (median of ${ROUNDS})\n`);
  const store = new LedgerStore(redis.client, redis.keys);
  await book(store, 'short', SHORT);
  await book(store, 'long', LONG);
  // Turn about, so that both meet the same machine.
  const costs = { short: [] as number[], long: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const which of ['short', 'long'] as const) costs[which].push(await book(store, which, SAMPLE / 4));
  }
  const flat = median(costs.long) / median(costs.short);
  process.stdout.write(`cost of a posting after ${LONG} entries, of that after ${SHORT}: ${flat.toFixed(2)}\n`);
} finally {
  await redis.close();
}

async function againstBare({ client, keys }: TestRedis, partnerId: string): Promise<number> {
  const store = new RecordingStore(client, keys);
  await book(store, `${partnerId}-recorded`, SAMPLE);
  const ours = await book(new LedgerStore(client, keys), partnerId, SAMPLE);
  const slot = store.slot(`${partnerId}-floor`);
  const started = performance.now();
  for (const batch of store.written)
    await client.eval(BARE, SLOT_KEYS.length, ...SLOT_KEYS.map((key) => slot[key]), ...batch);
  const floor = (performance.now() - started) / SAMPLE;
  const perSecond = (ms: number) => `${Math.round(1_000 / ms)}/s`;
  process.stdout.write(`postings ${perSecond(ours)}, bare ${perSecond(floor)}\n`);
  return floor / ours;
}

/** @returns milliseconds a posting */
async function book(store: LedgerStore, partnerId: string, count: number): Promise<number> {
  const booker = new EventBooker(store, new TestClock(AT));
  const events = Array.from({ length: count }, () => logEvent(partnerId, 'loan.disbursed', AT, disbursed(500_000)));
  const started = performance.now();
  await Promise.all(events.map((event) => booker.book(partnerId, event, contracts)));
  return (performance.now() - started) / count;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
