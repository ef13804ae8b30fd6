import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { SECOND_MS } from '../base/clock.ts';
import { runTrial, STORY_KEYS } from '../trial/run-trial.ts';
import { startTrialProgress, trialTable } from './lender-try-report.ts';
import { OperatorApi, type OperatorApiFlags, withOperatorApiOptions } from './operator-api.ts';
import { reportFault } from './report-fault.ts';
import { readSigningKey } from './sign-key.ts';

interface TryFlags extends OperatorApiFlags {
  readonly as: string;
  readonly key?: string;
  readonly keyId?: string;
  readonly product?: string;
  readonly stories?: readonly string[];
  readonly wait: number;
  readonly clock?: boolean;
  readonly seed?: string;
  readonly json?: boolean;
}

/** Exit codes: a check failed; the trial could not be run. */
const EXIT_FAILED = 1;
const EXIT_NOT_RUN = 2;
const SEED_BYTES = 4;
const WAIT_UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: SECOND_MS, m: 60 * SECOND_MS };

/** Adds `sluice lender try <id>`: the sandbox set against a lender's core, on a running sandbox gateway. */
export function registerLenderCommand(program: Command): void {
  const lender = program.command('lender').description('lenders and their cores');
  withOperatorApiOptions(
    lender.command('try').description('send the sandbox set to a lender’s core and check what comes back'),
  )
    .argument('<id>', 'the lender')
    .option('--as <partner>', 'in whose name applicants come', 'acme')
    .option('--key <file>', 'the partner’s private JWK or PEM, or base64 secret (default: the shipped sandbox key)')
    .option('--key-id <id>', "the key's id (default: kid of the JWK)")
    .option('--product <id>', 'what they apply for (default: the lender’s first open product)')
    .option('--stories <endings>', `only these: ${STORY_KEYS.join(', ')}`, parseStories)
    .option('--wait <time>', 'how long what needs no time may take: 500ms, 30s, 2m', parseWait, 30 * SECOND_MS)
    .option('--clock', 'the core goes by the sandbox clock: move it, day by day, to see repayments')
    .option('--seed <text>', 'the same again gives the same people (default: new ones)', parseSeed)
    .option('--json', 'print one JSON document instead of a table')
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT_NOT_RUN))
    .addHelpText('after', '\nExit code: 0 nothing failed, 1 something did, 2 it could not be run.')
    .action(async (id: string, flags: TryFlags) => {
      try {
        process.exitCode = (await tryLender(id, flags)) ? 0 : EXIT_FAILED;
      } catch (error) {
        reportFault(error);
        process.exitCode = EXIT_NOT_RUN;
      }
    });
}

/** @returns whether nothing failed */
async function tryLender(lenderId: string, flags: TryFlags): Promise<boolean> {
  const { as: partnerId, url } = flags;
  const operator = new OperatorApi(flags);
  const key = await readSigningKey({ ...flags, key: flags.key ?? shippedKey(partnerId) });
  const progress = startTrialProgress();
  try {
    const report = await runTrial({
      lenderId,
      url,
      operator,
      partnerId,
      key,
      productId: flags.product,
      seed: flags.seed ?? randomBytes(SEED_BYTES).toString('hex'),
      stories: flags.stories,
      waitMs: flags.wait,
      followsClock: flags.clock === true,
      progress: progress.tell,
    });
    progress.stop();
    const text = flags.json === true ? `${JSON.stringify(jsonOf(report, url), null, 2)}\n` : trialTable(report, url);
    process.stdout.write(text);
    return report.passed;
  } finally {
    progress.stop();
  }
}

function jsonOf({ leftOpen, daysMoved, checks, ...report }: Awaited<ReturnType<typeof runTrial>>, url: string) {
  const rows = checks.map(({ section, ...check }) => ({ ...check, guide: `${url}/docs/guide/lenders#${section}` }));
  return { ...report, left_open: leftOpen, days_moved: daysMoved, checks: rows };
}

/** Shipped partners publish a private key for the sandbox beside their profile. */
function shippedKey(partnerId: string): string {
  return join(process.env.SLUICE_PARTNERS ?? 'partners', 'traffic', partnerId, 'sandbox-key.json');
}

function parseStories(text: string): readonly string[] {
  const keys = text.split(',').map((key) => key.trim());
  const unknown = keys.find((key) => !STORY_KEYS.includes(key));
  if (unknown === undefined) return keys;
  throw new InvalidArgumentError(`${unknown} is none of ${STORY_KEYS.join(', ')}`);
}

function parseWait(text: string): number {
  const [, count, unit = 's'] = /^(\d{1,5})(ms|s|m)?$/.exec(text) ?? [];
  if (count === undefined) throw new InvalidArgumentError('must be a time such as 30s');
  return Number(count) * (WAIT_UNITS_MS[unit] ?? SECOND_MS);
}

/** It becomes a part of references. */
function parseSeed(text: string): string {
  if (/^[A-Za-z0-9_-]{1,32}$/.test(text)) return text;
  throw new InvalidArgumentError('must be 1 to 32 letters, digits, - or _');
}
