import { resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Command } from 'commander';
import { loadRegistry } from '../registry/load-registry.ts';
import { diagnoseRequest } from '../trust/diagnosis/diagnose-request.ts';
import type { Diagnosis } from '../trust/diagnosis/diagnosis.ts';
import { readHttpText } from '../trust/diagnosis/read-http-text.ts';
import { type PublicNames, toPublicNames } from '../trust/public-names.ts';
import type { RawRequest } from '../trust/raw-request.ts';
import { nativePolicy } from '../trust/signature-policy.ts';
import type { KeyDirectory } from '../trust/verify-request.ts';
import { type KeyFlags, readVerificationKey } from './sign-key.ts';
import { readNamedFile, UsageError } from './usage-error.ts';
import { diagnosisLines } from './verify-report.ts';

interface VerifyFlags extends KeyFlags {
  readonly partners?: string;
  readonly publicUrl?: string;
  readonly body?: string;
  readonly base?: string;
  readonly at?: string;
  readonly json?: boolean;
}

/** Adds `sluice verify [FILE]`: every step of the verifier over a request from a log; exit code 1 when it does not verify. */
export function registerVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description('say why a signed request is or is not accepted')
    .argument('[file]', 'raw HTTP request, or what curl -v printed (default: standard input)', '-')
    .option('--key <file>', 'public or private JWK or PEM, or a file with a base64 secret')
    .option('--secret-env <name>', 'variable that holds a base64 secret')
    .option('--key-id <id>', 'take the key only for this keyid (default: for any)')
    .option('--alg <alg>', 'what the key signs with (default: by its kind)')
    .option('--partners <dir>', 'instead of a key: all keys of a directory of counterparty files')
    .option(
      '--public-url <origin>',
      'name under which the gateway is reached (default: https and the Host of the request)',
    )
    .option('--body <file>', 'the body, where the dump does not have it')
    .option('--base <file>', 'the signature base that was signed, to see where it differs')
    .option('--at <instant>', 'judge as of this moment, RFC 3339 (default: now)')
    .option('--json', 'print one JSON document instead of lines')
    .action(async (file: string, flags: VerifyFlags) => {
      const diagnosis = await runVerify(file, flags);
      process.stdout.write(
        `${flags.json ? asJson(diagnosis) : diagnosisLines(diagnosis, process.stdout.isTTY === true)}\n`,
      );
      if (diagnosis.verdict !== 'ok') process.exitCode = 1;
    });
}

async function runVerify(file: string, flags: VerifyFlags): Promise<Diagnosis> {
  const text = file === '-' ? await buffer(process.stdin) : await readNamedFile(file);
  const reading = readHttpText(text.toString('utf8'));
  if (!reading.ok) throw new UsageError(`${file === '-' ? 'standard input' : file}: ${reading.detail}`);
  const body = flags.body === undefined ? reading.request.body : await readNamedFile(flags.body);
  const request = { ...reading.request, body };
  return diagnoseRequest(request, {
    names: namesOf(request, flags.publicUrl),
    policy: nativePolicy,
    keys: await readKeys(flags),
    nowSeconds: readInstant(flags.at),
    theirBase: flags.base === undefined ? undefined : (await readNamedFile(flags.base)).toString('utf8'),
  });
}

async function readKeys(flags: VerifyFlags): Promise<KeyDirectory<unknown>> {
  if (flags.partners === undefined) {
    const key = await readVerificationKey(flags);
    return { find: (id) => (key.id === '' || key.id === id ? { key, party: null } : undefined) };
  }
  const directory = resolve(flags.partners);
  const loaded = await loadRegistry(directory, { environment: 'sandbox', requireSecrets: false });
  if (!loaded.ok) throw new UsageError(`${flags.partners} does not load; run: sluice partners check ${flags.partners}`);
  const { keys } = loaded.registry;
  return {
    find: (id) => {
      const found = keys.get(id);
      return found === undefined || found.key === null ? undefined : { key: found.key, party: found.party };
    },
  };
}

function namesOf({ headers, target }: RawRequest, publicUrl: string | undefined): PublicNames {
  const host = headers.find(([name]) => name.toLowerCase() === 'host')?.[1];
  const origin = publicUrl ?? /^https?:\/\/[^/?#]+/i.exec(target)?.[0] ?? host;
  if (origin === undefined) throw new UsageError('the request has no Host: give --public-url');
  try {
    return toPublicNames([origin]);
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(error.message) : error;
  }
}

function readInstant(text: string | undefined): number {
  if (text === undefined) return Date.now() / 1_000;
  const seconds = /^\d{1,12}$/.test(text) ? Number(text) : Date.parse(text) / 1_000;
  if (Number.isNaN(seconds)) throw new UsageError('--at is an instant such as 2026-01-01T00:00:00Z, or epoch seconds');
  return seconds;
}

function asJson({ verdict, steps, signatureBase, firstDifference, acceptSignature }: Diagnosis): string {
  const document = {
    verdict,
    steps,
    signature_base: signatureBase,
    first_difference: firstDifference,
    accept_signature: acceptSignature,
  };
  return JSON.stringify(document, null, 2);
}
