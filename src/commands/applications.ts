import type { Command } from 'commander';
import { runApplicationsCheck } from './applications-check.ts';

/** Adds `sluice applications check` (the applications in Redis against their event log). Code 1 when something differs. */
export function registerApplicationsCommand(program: Command): void {
  const applications = program.command('applications').description('check applications against their event log');
  applications
    .command('check')
    .description('rebuild applications from the event log alone and compare them with what is stored')
    .option('--application <id>', 'only this one (default: all)')
    .option('--json', 'print one JSON document instead of lines')
    .addHelpText(
      'after',
      `
Reads the Redis that the settings name (REDIS_URL, SLUICE_REDIS_PREFIX; unset: the embedded one in SLUICE_DATA). It changes
nothing and may run beside a working gateway. A difference is told by its place in the stored document (a JSON pointer); of
the contents only amounts, counts, statuses and times are printed. Exits with 1 when anything differs.

Memory: the applications of at most about 200 000 events at a time, some 100 MB; longer logs are read in several passes.

  sluice applications check
  sluice applications check --application app_0f3c1d5e7a9b4c6d8e0f1a2b3c4d5e6f`,
    )
    .action(async (flags: { application?: string; json?: boolean }) => {
      if (!(await runApplicationsCheck(flags))) process.exitCode = 1;
    });
}
