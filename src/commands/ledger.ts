import type { Command } from 'commander';
import { type BalanceFlags, runLedgerBalance } from './ledger-balance.ts';
import { runLedgerCheck } from './ledger-check.ts';
import { type ExportFlags, runLedgerExport } from './ledger-export.ts';
import { type JournalFlags, runLedgerJournal } from './ledger-journal.ts';
import { runLedgerVerify } from './ledger-verify.ts';
import { runLedgerVerifyChain } from './ledger-verify-chain.ts';

/**
 * Adds `sluice ledger verify` and `verify-chain` (files, offline), `check`, `export`, `journal` and `balance` (the ledgers in
 * Redis). Those that check exit with code 1 when something does not hold, `journal` when a period of its time is not locked.
 */
export function registerLedgerCommand(program: Command): void {
  const ledger = program.command('ledger').description('verify statements, check and export ledgers');
  ledger
    .command('verify')
    .description('check a statement file offline: signature, sums, lines')
    .argument('<statement>', 'statement as JSON; may carry its lines and keys (- = standard input)')
    .option('--lines <file>', 'its lines.csv as downloaded, instead of lines in the statement')
    .option('--jwks <file or url>', 'our public keys, e.g. https://gw.example/.well-known/jwks.json')
    .action(async (statement: string, flags: { lines?: string; jwks?: string }) => {
      if (!(await runLedgerVerify(statement, flags))) process.exitCode = 1;
    });
  ledger
    .command('check')
    .description('replay ledgers from their first entry and compare balances, lines, payments and statements')
    .option('--partner <id>', 'only this partner (default: all in SLUICE_PARTNERS)')
    .option('--json', 'print one JSON document instead of lines')
    .action(async (flags: { partner?: string; json?: boolean }) => {
      if (!(await runLedgerCheck(flags))) process.exitCode = 1;
    });
  ledger
    .command('export')
    .description(
      'write a ledger as NDJSON, one entry a line with its hash; the same again goes on where it was broken off',
    )
    .requiredOption('--partner <id>', 'whose ledger (funder:<id> for a funder)')
    .option('--from <instant>', 'entries booked from then on')
    .option('--to <instant>', 'entries booked before then')
    .option('--out <file>', 'file instead of standard output; .gz compresses')
    .action((flags: ExportFlags) => runLedgerExport(flags));
  ledger
    .command('verify-chain')
    .description('follow an exported ledger link by link, offline, and print where it ends')
    .argument('<file>', 'as `ledger export` wrote it, .gz or not (- = standard input)')
    .option('--head <hash>', 'hash that one of its entries must have, such as ledger_head of a statement')
    .action(async (file: string, flags: { head?: string }) => {
      if (!(await runLedgerVerifyChain(file, flags))) process.exitCode = 1;
    });
  ledger
    .command('journal')
    .description('write balanced vouchers of locked periods for an accounting system')
    .requiredOption('--period <month or day>', 'a month (2026-01: periods that end in it) or the first day of a period')
    .option('--partner <id>', 'only this one (default: all partners and funders)')
    .option('--format <format>', 'csv or ndjson', 'csv')
    .option('--lang <language>', 'of descriptions: zh or en', 'zh')
    .option('--out <file>', 'file instead of standard output')
    .action(async (flags: JournalFlags) => {
      if (!(await runLedgerJournal(flags))) process.exitCode = 1;
    });
  ledger
    .command('balance')
    .description('balances of all accounts, now or as they stood')
    .requiredOption('--partner <id>', 'whose ledger (funder:<id> for a funder)')
    .option('--at <instant>', 'as of everything booked by then')
    .option('--effective <instant>', 'as of everything that counts by then, whenever it was booked')
    .option('--json', 'print one JSON document')
    .action((flags: BalanceFlags) => runLedgerBalance(flags));
}
