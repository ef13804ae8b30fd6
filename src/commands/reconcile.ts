import { type Command, InvalidArgumentError, Option } from 'commander';
import { DELIMITERS } from '../revenue/reconciliation/reading/csv-rows.ts';
import { REF_KINDS } from '../revenue/reconciliation/reading/guess-columns.ts';
import { ENCODINGS } from '../revenue/reconciliation/reading/inspect-file.ts';
import { TOLERANCE_MAX, WINDOW_DAYS_DEFAULT, WINDOW_DAYS_MAX } from '../revenue/reconciliation/reconcile-options.ts';
import { type ReconcileFlags, runReconcile } from './run-reconcile.ts';

/**
 * Adds `sluice reconcile FILE`: a counterparty's file of any size against a statement in the Redis that the environment names.
 * Exits with 0 when both say the same, 1 when they differ, 2 when it could not be done.
 */
export function registerReconcileCommand(program: Command): void {
  program
    .command('reconcile')
    .description('compare a file of a partner or funder (CSV or XLSX, any size) with a statement')
    .argument('<file>', 'as it was sent')
    .requiredOption('--statement <id>', 'stm_…, a draft or an issued one')
    .addOption(new Option('--partner <id>', 'whose file it is').conflicts('funder'))
    .option('--funder <id>', 'or: the funder whose file it is')
    .option('--ref <header>', 'column of the reference (#1 = the first column)')
    .option('--amount <header>', 'column of the amount, in major units')
    .option('--date <header>', 'column of the date')
    .option('--currency <header>', 'column of the currency')
    .option('--rate <header>', 'column of the rate')
    .addOption(new Option('--ref-kind <kind>', 'what references name').choices(REF_KINDS))
    .addOption(new Option('--encoding <name>', 'else it is found out').choices(ENCODINGS))
    .addOption(new Option('--delimiter <character>', 'else it is found out').choices(DELIMITERS))
    .addOption(new Option('--decimal <mark>', 'else it is found out').choices(['.', ',']))
    .addOption(new Option('--date-order <order>', 'of dates such as 05/01/2026').choices(['dmy', 'mdy']))
    .option('--sheet <name>', 'of a workbook (default: the first)')
    .option('--tolerance <minor units>', 'differences that do not matter', upTo(TOLERANCE_MAX), 0)
    .option('--date-window <days>', 'that two dates may be apart', upTo(WINDOW_DAYS_MAX), WINDOW_DAYS_DEFAULT)
    .addOption(new Option('--group-by <what>', 'compare sums of references').choices(['ref']))
    .option('--totals', 'rows are sums of a day, or one of all')
    .addOption(new Option('--dates <which>', 'with --totals: which day of ours').choices(['payable_at', 'occurred_at']))
    .option('--rows <file>', 'write every row with both sides to this CSV')
    .option('--json', 'print the report as JSON')
    .action(async (file: string, flags: ReconcileFlags) => {
      process.exitCode = await runReconcile(file, flags);
    });
}

function upTo(max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value <= max) return value;
    throw new InvalidArgumentError(`must be a whole number up to ${max}`);
  };
}
