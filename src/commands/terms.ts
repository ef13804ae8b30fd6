import { type Command, InvalidArgumentError } from 'commander';
import { runTermsEvents, type TermsEventsFlags } from './terms-events.ts';
import { runTermsTry, type TermsTryFlags } from './terms-try.ts';

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;

const TRY_HELP = `
The events come from \`sluice terms events\`. Let the file begin early enough: what was paid once for ever, and what later
events take back, is known only as far as the file goes. Exit code 1: the yaml or the file has errors, or an event cannot be
priced.

  sluice terms events --partner acme --from 2025-10-01 --to 2026-01-31 --out acme.ndjson
  sluice terms try acme-new.yaml --events acme.ndjson --month 2026-01
  sluice terms try acme-new.yaml --events acme.ndjson --month 2026-01 --with acme-2027`;

/** Adds `sluice terms try` (what a month would pay under new terms) and `sluice terms events` (the events for it). */
export function registerTermsCommand(program: Command): void {
  const terms = program.command('terms').description('try terms on what has happened');
  terms
    .command('try')
    .description('show what a partner would be paid under new terms, beside what the present ones pay')
    .argument('<partner.yaml>', 'the partner’s file with the new terms')
    .requiredOption('--events <file>', 'money events as NDJSON (see: sluice terms events --help)')
    .option('--month <yyyy-mm>', 'only lines that are payable in this month (default: all)', monthOf)
    .option('--with <terms id>', 'price everything by this version, as if it had always been in force')
    .option('--partners <dir>', 'counterparty files with the present terms (default: SLUICE_PARTNERS, else ./partners)')
    .option('--lines', 'print every line before the table')
    .option('--json', 'print one JSON document')
    .addHelpText('after', TRY_HELP)
    .action(async (file: string, flags: TermsTryFlags) => {
      if (!(await runTermsTry(file, flags))) process.exitCode = 1;
    });
  terms
    .command('events')
    .description('write a partner’s money events out of the log, without identities')
    .requiredOption('--partner <id>', 'traffic partner')
    .requiredOption('--from <yyyy-mm-dd>', 'first day, by when they were recorded', dateOf)
    .requiredOption('--to <yyyy-mm-dd>', 'last day', dateOf)
    .option('--out <file>', 'a file that does not exist yet (default: standard output)')
    .addHelpText(
      'after',
      '\nPeople and visitors have pseudonyms that are the same within one file and in no other. Days are those of the\n' +
        'partner’s terms. Exit code 1: some events lack something and were left out; they are named.',
    )
    .action(async (flags: TermsEventsFlags) => {
      if (!(await runTermsEvents(flags))) process.exitCode = 1;
    });
}

function monthOf(text: string): string {
  if (!MONTH.test(text)) throw new InvalidArgumentError('must be a month such as 2026-01');
  return text;
}

function dateOf(text: string): string {
  const isDate = DATE.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text);
  if (!isDate) throw new InvalidArgumentError('must be a day such as 2026-01-31');
  return text;
}
