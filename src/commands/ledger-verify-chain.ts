import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import pc from 'picocolors';
import { z } from 'zod';
import { toDecimal } from '../revenue/decimal-money.ts';
import { type ChainHead, checkLink, type LedgerEntry, transfersOf } from '../revenue/ledger-entry.ts';

/** Enough of an entry to follow the chain; whatever else is in it is covered by its hash. */
const entrySchema = z.looseObject({
  seq: z.int().min(1),
  prev_hash: z.string(),
  hash: z.string(),
  transfers: z.array(z.looseObject({ from: z.string(), to: z.string(), amount: z.string() })),
});

/**
 * Follows an exported chain from its first line to its last, without Redis, and prints where it ends and its balances.
 * @param flags.head hash that an entry must have: `ledger_head` of a statement
 * @returns whether every link holds, and the head was met
 */
export async function runLedgerVerifyChain(path: string, flags: { readonly head?: string }): Promise<boolean> {
  const colours = pc.createColors(process.stdout.isTTY === true && pc.isColorSupported);
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const chain = new ChainReading(flags.head);
  try {
    for await (const line of createInterface({ input: linesOf(path), crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line !== '') chain.read(line);
    }
  } catch (error) {
    say(`${colours.red('✗')} ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
  const { first, head } = chain;
  if (first === undefined || head === undefined) {
    say(`${colours.red('✗')} there is no entry in it`);
    return false;
  }
  say(`${colours.green('✓')} ${head.seq - first.seq + 1} entries, ${first.seq} to ${head.seq}, head ${head.hash}`);
  if (first.seq > 1) {
    say(colours.yellow(`! begins behind entry ${first.seq - 1} (${first.prev_hash}): what came before is not in it`));
  }
  for (const [account, balance] of [...chain.balances].sort()) {
    say(`  ${account.padEnd(28)} ${toDecimal(balance, account.split('/')[1] ?? '')}`);
  }
  if (flags.head === undefined || chain.isHeadMet) return true;
  say(`${colours.red('✗')} no entry has the hash ${flags.head}`);
  return false;
}

class ChainReading {
  first: LedgerEntry | undefined;
  head: ChainHead | undefined;
  isHeadMet = false;
  /** Of the entries that were read, by account. */
  readonly balances = new Map<string, bigint>();
  readonly #wanted: string | undefined;

  constructor(wanted: string | undefined) {
    this.#wanted = wanted;
  }

  /** @throws Error that names the line's entry and what is wrong with it */
  read(line: string): void {
    const parsed = entrySchema.safeParse(JSON.parse(line));
    if (!parsed.success) throw new Error(`a line behind entry ${this.head?.seq ?? 0} is no entry of a ledger`);
    const entry = parsed.data as unknown as LedgerEntry;
    this.first ??= entry;
    const before = this.head ?? { seq: entry.seq - 1, hash: entry.prev_hash };
    const isBegun = entry.seq > 1 || entry.prev_hash === '0'.repeat(64);
    const problem = isBegun ? checkLink(before, entry) : 'prev_hash_mismatch';
    if (problem !== null) throw new Error(`entry ${entry.seq}: ${problem.replaceAll('_', ' ')}`);
    for (const { from, to, amount } of transfersOf(entry)) {
      this.balances.set(from, (this.balances.get(from) ?? 0n) - amount);
      this.balances.set(to, (this.balances.get(to) ?? 0n) + amount);
    }
    this.head = { seq: entry.seq, hash: entry.hash };
    if (entry.hash === this.#wanted) this.isHeadMet = true;
  }
}

function linesOf(path: string): Readable {
  const input: Readable = path === '-' ? process.stdin : createReadStream(path);
  if (!path.endsWith('.gz')) return input;
  const unpacked = createGunzip();
  input.on('error', (error) => unpacked.destroy(error));
  return input.pipe(unpacked);
}
