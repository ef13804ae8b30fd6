import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type JournalLanguage, journalHeader, voucherCsv, voucherJson } from '../revenue/journal/journal-text.ts';
import { openPeriodsOf, readVouchers } from '../revenue/journal/read-vouchers.ts';
import { type LedgerRoom, registryOf, withLedgers } from './ledger-room.ts';
import { UsageError } from './usage-error.ts';

export interface JournalFlags {
  readonly period: string;
  readonly partner?: string;
  readonly format?: string;
  readonly lang?: string;
  readonly out?: string;
}

/**
 * Writes the vouchers of locked periods for an accounting system.
 * @returns whether all periods of that time are locked; those that are not are named on standard error
 * @throws UsageError for flags that cannot be; ConfigError when settings or counterparty files cannot be read
 */
export async function runLedgerJournal(flags: JournalFlags): Promise<boolean> {
  const { period, format = 'csv', lang = 'zh' } = flags;
  if (!/^\d{4}-(0[1-9]|1[0-2])(-\d\d)?$/.test(period)) {
    throw new UsageError(`--period ${period}: a month (2026-01) or the first day of a period (2026-01-16)`);
  }
  if (format !== 'csv' && format !== 'ndjson') throw new UsageError(`--format ${format}: csv or ndjson`);
  if (lang !== 'zh' && lang !== 'en') throw new UsageError(`--lang ${lang}: zh or en`);
  return withLedgers(async (room) => {
    const registry = await registryOf(room.config);
    const parties = flags.partner === undefined ? registry.ledgerParties : [flags.partner];
    const { accounts } = registry.operator.accounting;
    const text = Readable.from(journal(room, parties, { period, format, language: lang, codes: accounts }));
    if (flags.out === undefined) await pipeline(text, process.stdout, { end: false });
    else await pipeline(text, createWriteStream(flags.out, { mode: 0o600 }));
    const open: string[] = [];
    for (const party of parties) {
      for (const one of await openPeriodsOf(room, party, period)) open.push(`${party} ${one}`);
    }
    for (const one of open) process.stderr.write(`not in the journal: ${one}\n`);
    return open.length === 0;
  });
}

interface Wanted {
  readonly period: string;
  readonly format: 'csv' | 'ndjson';
  readonly language: JournalLanguage;
  readonly codes: Readonly<Record<string, string | undefined>>;
}

async function* journal(room: LedgerRoom, parties: readonly string[], wanted: Wanted): AsyncGenerator<string> {
  if (wanted.format === 'csv') yield journalHeader();
  for (const party of parties) {
    for await (const voucher of readVouchers(room, party, wanted.period)) {
      yield wanted.format === 'csv' ? voucherCsv(voucher, wanted) : voucherJson(voucher, wanted);
    }
  }
}
