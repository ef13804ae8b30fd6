import { type Command, InvalidArgumentError } from 'commander';
import { runAuditCheck } from './audit-check.ts';
import { runAuditExport } from './audit-export.ts';

/** A head that was noted outside of Redis. */
export interface ExpectedHead {
  readonly seq: number;
  readonly hash: string;
}

/** Adds `sluice audit check` and `sluice audit export`, on the Redis that the environment names. */
export function registerAuditCommand(program: Command): void {
  const audit = program.command('audit').description('the log of what operators did');
  audit
    .command('check')
    .description(
      'replay the log from its first entry: every hash, every MAC, the head; exit code 1 when one does not hold',
    )
    .option(
      '--expect <seq:hash...>',
      'heads noted outside of Redis (audit_head of a log line) that must be in it',
      heads,
    )
    .option('--json', 'print one JSON document instead of lines')
    .action(async (flags: { expect?: ExpectedHead[]; json?: boolean }) => {
      if (!(await runAuditCheck(flags))) process.exitCode = 1;
    });
  audit
    .command('export')
    .description('write every entry as one line of JSON, as it was hashed')
    .option('--out <file>', 'file to write, which must not exist (default: standard output)')
    .action(async (flags: { out?: string }) => runAuditExport(flags));
}

function heads(text: string, before: readonly ExpectedHead[] = []): ExpectedHead[] {
  const [, seq, hash] = /^([1-9]\d{0,14}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq === undefined || hash === undefined) throw new InvalidArgumentError('must be <seq>:<64 hex digits>');
  return [...before, { seq: Number(seq), hash }];
}
