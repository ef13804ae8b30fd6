import { type Command, Option } from 'commander';
import { CUSTOMER_STATUSES, LIST_KINDS, LIST_NAMES, LIST_REASONS } from '../screening/lists/entry.ts';
import { runListsCount } from './lists-count.ts';
import { type ExportFlags, runListsExport } from './lists-export.ts';
import { type ImportFlags, runListsImport } from './lists-import.ts';

const FORMS = ['plain', 'md5', 'sha256', 'sm3'];

/**
 * Adds `sluice lists import`, `export` and `count`. Import exits with 0 when every row was entered, 1 when some were
 * rejected, 2 when it could not run to the end; started again, it then goes on where it was.
 */
export function registerListsCommand(program: Command): void {
  const lists = program.command('lists').description('import, export and count shared lists');
  lists
    .command('import')
    .description('enter a file of any size: CSV with the header value[,expires_on,note], or NDJSON with those keys')
    .argument('<file>', 'path (- = standard input)')
    .addOption(new Option('--list <name>', 'which list').choices(LIST_NAMES).makeOptionMandatory())
    .requiredOption('--scope <scope>', 'whose applications see it: network, funder:<id>, lender:<id>, partner:<id>')
    .addOption(new Option('--kind <kind>', 'what the values are').choices(LIST_KINDS).makeOptionMandatory())
    .addOption(new Option('--form <form>', 'how they are given').choices(FORMS).makeOptionMandatory())
    .addOption(new Option('--reason <reason>', 'why').choices(LIST_REASONS).default('other'))
    .addOption(new Option('--status <status>', 'of the customers, for --list customer').choices(CUSTOMER_STATUSES))
    .option('--expires <date>', 'last day (YYYY-MM-DD) of rows that name none (default: the longest that is allowed)')
    .option('--contributor <who>', 'in whose name: operator, lender:<id>, partner:<id>', 'operator')
    .option('--rejected <file>', 'where rows go that cannot be entered (default: FILE.rejected)')
    .option('--restart', 'begin anew although an earlier run of this file has come somewhere')
    .option('--json', 'print the summary as JSON')
    .action(async (file: string, flags: ImportFlags) => {
      process.exitCode = await runListsImport(file, flags);
    });
  lists
    .command('export')
    .description('print entries as NDJSON or CSV: ids, tokens in hex, lists, expiry; whom a token means cannot be told')
    .option('--scope <scope>', 'of this scope only')
    .addOption(new Option('--list <name>', 'on this list only').choices(LIST_NAMES))
    .addOption(new Option('--format <format>', 'how').choices(['ndjson', 'csv']).default('ndjson'))
    .action(async (flags: ExportFlags) => runListsExport(flags));
  lists
    .command('count')
    .description('print how many entries there are, by scope, contributor, list, kind and form')
    .option('--json', 'print JSON instead of a table')
    .action(async (flags: { json?: boolean }) => runListsCount(flags));
}
