import { type Command, InvalidArgumentError, Option } from 'commander';
import { type KeyAlgorithm, keyAlgorithms } from '../trust/key-algorithm.ts';
import { generateKeyFiles } from './keys-generate.ts';
import { readPublicKey } from './keys-read.ts';
import { keysTable, type ListedKey } from './keys-table.ts';
import { OperatorApi, type OperatorApiFlags, withOperatorApiOptions } from './operator-api.ts';

const PATH = '/admin/v1/keys';
const PUBLIC_ALGORITHMS = keyAlgorithms.filter((alg) => alg !== 'hmac-sha256');

interface Party {
  readonly kind: 'traffic' | 'lender';
  readonly id: string;
}

interface MakeFlags extends OperatorApiFlags {
  readonly party: Party;
  readonly id?: string;
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly reason: string;
  readonly json?: boolean;
}

/** Adds `sluice keys list|issue|add|rotate|revoke`, on a running gateway's API, and `sluice keys generate`, which needs none. */
export function registerKeysCommand(program: Command): void {
  const keys = program.command('keys').description('keys that counterparties sign with');
  registerList(keys);
  registerIssue(keys);
  registerAdd(keys);
  registerRotate(keys);
  registerRevoke(keys);
  registerGenerate(keys);
}

function registerList(keys: Command): void {
  withOperatorApiOptions(keys.command('list').description('list all keys, also those that have ended'))
    .option('--party <id>', 'only those of a counterparty')
    .option('--json', 'print one JSON document instead of a table')
    .action(async (flags: OperatorApiFlags & { party?: string; json?: boolean }) => {
      const query = flags.party === undefined ? '' : `?party=${encodeURIComponent(flags.party)}`;
      const all: ListedKey[] = [];
      for await (const one of new OperatorApi(flags).list<ListedKey>(`${PATH}${query}`)) all.push(one);
      show(flags.json, all, keysTable(all));
    });
}

function registerIssue(keys: Command): void {
  withMakeOptions(keys.command('issue').description('make a shared secret for a counterparty; prints it, once')).action(
    async (flags: MakeFlags) => {
      const made = await new OperatorApi(flags).post<Issued>(`${PATH}/issue`, madeOf(flags));
      showSecret(flags.json, made, `${made.key.id} is issued.`);
    },
  );
}

function registerAdd(keys: Command): void {
  withMakeOptions(keys.command('add').description('add a public key of a counterparty'))
    .addOption(new Option('--alg <algorithm>', 'what it is for').choices(PUBLIC_ALGORITHMS).makeOptionMandatory())
    .requiredOption('--key <file>', 'its public half, JWK or PEM (- = standard input)')
    .action(async (flags: MakeFlags & { alg: string; key: string }) => {
      const body = { ...madeOf(flags), alg: flags.alg, ...(await readPublicKey(flags.key)) };
      const key = await new OperatorApi(flags).post<ListedKey>(PATH, body);
      show(flags.json, key, keysTable([key]));
    });
}

function registerRotate(keys: Command): void {
  withOperatorApiOptions(keys.command('rotate').description('replace a key; both are good until the overlap is over'))
    .argument('<id>', 'the key to replace')
    .option(
      '--key <file>',
      'the new public half, JWK or PEM; nothing for a shared secret, which is made and printed once',
    )
    .option('--id <id>', 'id of the new key')
    .option('--overlap-hours <hours>', 'how long the old key stays good, 0 to 720', wholeNumber, 24)
    .requiredOption('--reason <text>', 'for the audit log')
    .option('--json', 'print one JSON document')
    .action(async (id: string, flags: RotateFlags) => {
      const given = flags.key === undefined ? {} : await readPublicKey(flags.key);
      const body = { id: flags.id, overlap_hours: flags.overlapHours, reason: flags.reason, ...given };
      const made = await new OperatorApi(flags).post<Rotated>(`${pathOf(id)}/rotate`, body);
      const words = `${made.key.id} replaces ${made.replaced.id}, which is good until ${made.replaced.not_after}.`;
      if (made.secret !== null) showSecret(flags.json, { ...made, secret: made.secret }, words);
      else show(flags.json, made, `${words}\n${keysTable([made.key, made.replaced])}`);
    });
}

interface RotateFlags extends OperatorApiFlags {
  readonly key?: string;
  readonly id?: string;
  readonly overlapHours: number;
  readonly reason: string;
  readonly json?: boolean;
}

function registerRevoke(keys: Command): void {
  withOperatorApiOptions(keys.command('revoke').description('refuse a key from now on, everywhere, for ever'))
    .argument('<id>', 'the key')
    .requiredOption('--reason <text>', 'for the audit log')
    .option('--json', 'print one JSON document')
    .action(async (id: string, flags: OperatorApiFlags & { reason: string; json?: boolean }) => {
      const key = await new OperatorApi(flags).post<ListedKey>(`${pathOf(id)}/revoke`, { reason: flags.reason });
      show(flags.json, key, `${key.id} is revoked.\n`);
    });
}

function registerGenerate(keys: Command): void {
  keys
    .command('generate')
    .description('make a key pair on this machine and print what goes into the counterparty’s file')
    .addOption(new Option('--alg <algorithm>', 'what it is for').choices(PUBLIC_ALGORITHMS).default('ed25519'))
    .option('--id <id>', 'key id, unique across all counterparties', 'my-key')
    .addOption(new Option('--format <format>', 'of the files').choices(['jwk', 'pem']).default('jwk'))
    .option('--out <directory>', 'where the two files go', '.')
    .action((flags: { alg: KeyAlgorithm; id: string; format: 'jwk' | 'pem'; out: string }) => {
      const { privateFile, publicFile, snippet } = generateKeyFiles(flags);
      process.stderr.write(`private key: ${privateFile} (keep it to yourself)\npublic key: ${publicFile}\n`);
      process.stdout.write(snippet);
    });
}

interface Issued {
  readonly key: ListedKey;
  readonly secret: string;
}

interface Rotated {
  readonly key: ListedKey;
  readonly secret: string | null;
  readonly replaced: ListedKey;
}

function withMakeOptions(command: Command): Command {
  return withOperatorApiOptions(command)
    .requiredOption('--party <party>', 'traffic/<id> or lender/<id>', parseParty)
    .option('--id <id>', 'key id; absent = one is made')
    .option('--not-before <instant>', 'good from, e.g. 2027-01-01T00:00:00Z')
    .option('--not-after <instant>', 'good until')
    .requiredOption('--reason <text>', 'for the audit log')
    .option('--json', 'print one JSON document');
}

/** What `add` and `issue` send; JSON leaves out what was not given. */
function madeOf({ party, id, notBefore, notAfter, reason }: MakeFlags) {
  return { party, id, not_before: notBefore, not_after: notAfter, reason };
}

function show(asJson: boolean | undefined, value: unknown, text: string): void {
  process.stdout.write(asJson === true ? `${JSON.stringify(value, null, 2)}\n` : text);
}

/** The secret alone on standard output, so that it can go straight into a file; the words beside it. */
function showSecret(asJson: boolean | undefined, made: Issued, words: string): void {
  if (asJson !== true) process.stderr.write(`${words} The secret is shown this once:\n`);
  show(asJson, made, `${made.secret}\n`);
}

function pathOf(id: string): string {
  return `${PATH}/${encodeURIComponent(id)}`;
}

function parseParty(text: string): Party {
  const [, kind, id] = /^(traffic|lender)\/([a-z][a-z0-9-]{1,31})$/.exec(text) ?? [];
  if (id !== undefined && (kind === 'traffic' || kind === 'lender')) return { kind, id };
  throw new InvalidArgumentError('must be traffic/<id> or lender/<id>, such as traffic/acme');
}

function wholeNumber(text: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('must be a whole number');
}
