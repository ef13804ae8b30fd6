import { once } from 'node:events';
import { SingleBar } from 'cli-progress';
import { msOf } from '../base/clock.ts';
import { lastBookedBy } from '../revenue/balances-at.ts';
import type { LedgerEntry } from '../revenue/ledger-entry.ts';
import type { LedgerReader } from '../revenue/ledger-reader.ts';
import { ChainFile } from './chain-file.ts';
import { withLedgers } from './ledger-room.ts';
import { UsageError } from './usage-error.ts';

export interface ExportFlags {
  readonly partner: string;
  readonly from?: string;
  readonly to?: string;
  readonly out?: string;
}

/** Entries between two marks of how far it has come: of what an interruption costs. */
const PART = 10_000;

/**
 * Writes a counterparty's chain as NDJSON, one entry a line with `seq`, `prev_hash` and `hash`, as it was sealed. The same
 * command again goes on where one was broken off.
 * @throws UsageError for flags that cannot be; ConfigError when the settings cannot be read
 */
export async function runLedgerExport(flags: ExportFlags): Promise<void> {
  const { partner, out } = flags;
  await withLedgers(async ({ store }) => {
    const { head } = await store.readBook(partner);
    const first = flags.from === undefined ? 0 : await lastBookedBy(store, partner, instant(flags.from) - 1, head.seq);
    const last =
      flags.to === undefined ? head.seq : await lastBookedBy(store, partner, instant(flags.to) - 1, head.seq);
    const range = { partner, first, last };
    if (out === undefined) await toOutput(store, range);
    else await toFile(store, range, out);
  });
}

/** What is written: entries behind `first`, up to `last`. */
interface Range {
  readonly partner: string;
  readonly first: number;
  readonly last: number;
}

async function toOutput(store: LedgerReader, { partner, first, last }: Range): Promise<void> {
  for await (const page of store.entryPages(partner, first)) {
    const wanted = page.filter(({ seq }) => seq <= last);
    if (!process.stdout.write(textOf(wanted))) await once(process.stdout, 'drain');
    if (wanted.length < page.length) return;
  }
}

async function toFile(store: LedgerReader, { partner, first, last }: Range, path: string): Promise<void> {
  const file = await ChainFile.open(path, partner);
  const bar = process.stderr.isTTY === true ? new SingleBar({ format: `${partner} {bar} {value}/{total}` }) : undefined;
  bar?.start(last - first, 0);
  try {
    const from = await goingOnFrom(store, partner, file, first);
    let part: LedgerEntry[] = [];
    const write = async () => {
      const end = part.at(-1);
      if (end !== undefined) await file.append(textOf(part), end);
      bar?.update((end?.seq ?? first) - first);
      part = [];
    };
    for await (const page of store.entryPages(partner, from)) {
      for (const entry of page) if (entry.seq <= last) part.push(entry);
      if (part.length >= PART) await write();
      if ((page.at(-1)?.seq ?? last) >= last) break;
    }
    await write();
    await file.finish();
  } catch (error) {
    await file.leave();
    throw error;
  } finally {
    bar?.stop();
  }
}

/** Where the file ends, if it is a part of this chain. */
async function goingOnFrom(store: LedgerReader, partner: string, { last }: ChainFile, first: number): Promise<number> {
  if (last.seq === 0) return first;
  const entry = await store.entryAt(partner, last.seq);
  if (entry?.hash === last.hash) return last.seq;
  throw new UsageError(`the unfinished file holds another chain than the ledger of ${partner}; remove it`);
}

function textOf(entries: readonly LedgerEntry[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
}

/** @throws UsageError for text that is no instant */
export function instant(text: string): number {
  try {
    return msOf(text);
  } catch {
    throw new UsageError(`${text} is no instant: 2026-02-01T00:00:00+08:00, or 2026-02-01 for midnight UTC`);
  }
}
