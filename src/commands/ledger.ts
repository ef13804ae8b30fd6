import type { Command } from 'commander';
import { runLedgerCheck } from './ledger-check.ts';
import { runLedgerVerify } from './ledger-verify.ts';

/**
 * Adds `sluice ledger verify` (a statement file, offline) and `sluice ledger check` (the ledgers in Redis). Both exit with
 * code 1 when something does not hold.
 */
export function registerLedgerCommand(program: Command): void {
  const ledger = program.command('ledger').description('verify statements and check ledgers');
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
    .description('replay ledgers from their first entry and compare balances, lines and statements')
    .option('--partner <id>', 'only this partner (default: all in SLUICE_PARTNERS)')
    .option('--json', 'print one JSON document instead of lines')
    .action(async (flags: { partner?: string; json?: boolean }) => {
      if (!(await runLedgerCheck(flags))) process.exitCode = 1;
    });
}
