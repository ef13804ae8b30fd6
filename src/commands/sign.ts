import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { diagnoseRequest } from '../trust/diagnosis/diagnose-request.ts';
import { type SigningKey, verificationKeyOf } from '../trust/import-key.ts';
import { toPublicNames } from '../trust/public-names.ts';
import { signRequest } from '../trust/sign-message.ts';
import { nativePolicy } from '../trust/signature-policy.ts';
import { type CurlRequest, curlCommand } from './sign-curl.ts';
import { type KeyFlags, readSigningKey } from './sign-key.ts';
import { type RequestFlags, type RequestLine, readRequestLine } from './sign-request-line.ts';
import { UsageError } from './usage-error.ts';
import { diagnosisLines } from './verify-report.ts';

interface SignFlags extends KeyFlags, RequestFlags {
  readonly headers?: boolean;
  readonly json?: boolean;
  readonly send?: boolean;
  readonly explain?: boolean;
  readonly created?: string;
  readonly lifetime?: string;
  readonly nonce?: string;
}

/** Adds `sluice sign METHOD URL`: a signed request as a curl command, as headers, or sent. */
export function registerSignCommand(program: Command): void {
  program
    .command('sign')
    .description('sign a request and print a curl command that sends it')
    .argument('<method>', 'GET, POST, …')
    .argument('<url>', 'where to, under its public name')
    .option('--key <file>', 'private JWK or PEM, or a file with a base64 secret')
    .option('--secret-env <name>', 'variable that holds a base64 secret')
    .option('--key-id <id>', "the key's id (default: kid of the JWK)")
    .option('--alg <alg>', 'what the key signs with (default: by its kind; RSA = rsa-pss-sha512)')
    .option('--data <text>', 'body; @FILE reads a file, - standard input')
    .option('--form <field>', 'field of a form: name=text, or name=@FILE;type=media/type; may be repeated', collect, [])
    .option('--header <header>', 'another header, "Name: value"; may be repeated', collect, [])
    .option('--headers', 'print only the header lines to add')
    .option('--json', 'print one JSON document: method, url, headers, signature_base')
    .option('--send', 'send it, print status and body; exit 1 unless 2xx')
    .option('--explain', 'also print the signature base and each step, on standard error')
    .option('--created <seconds>', 'sign for this moment, in epoch seconds (default: now)')
    .option('--lifetime <seconds>', `until expires (default and most: ${nativePolicy.maxLifetimeSeconds})`)
    .option('--nonce <text>', 'default: 128 random bits')
    .action(async (method: string, url: string, flags: SignFlags) => {
      if (!(await runSign(method, url, flags))) process.exitCode = 1;
    });
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** @returns whether all went well; with `--send`, whether the answer is 2xx */
async function runSign(method: string, address: string, flags: SignFlags): Promise<boolean> {
  const request = await readRequestLine(method, address, flags);
  const key = await readSigningKey(flags);
  const createdSeconds = seconds('--created', flags.created) ?? Math.floor(Date.now() / 1_000);
  const headers = signedHeaders(request, key, createdSeconds, flags);
  const signed = { ...request, url: request.url.href, headers: [...request.headers, ...headers] };
  if (flags.explain === true || flags.json === true) {
    const diagnosis = explain(request, signed.headers, key, createdSeconds);
    if (flags.explain === true) process.stderr.write(`${diagnosisLines(diagnosis, process.stderr.isTTY === true)}\n`);
    if (flags.json === true) {
      const { url, headers, body } = signed;
      const body_base64 = body.length === 0 ? undefined : Buffer.from(body).toString('base64');
      const signature_base = diagnosis.signatureBase;
      say(
        JSON.stringify(
          { method: signed.method, url, headers: Object.fromEntries(headers), body_base64, signature_base },
          null,
          2,
        ),
      );
    }
  }
  if (flags.send === true) return send(signed);
  if (flags.headers === true) for (const [name, value] of headersToAdd(signed.headers)) say(`${name}: ${value}`);
  else if (flags.json !== true) say(curlCommand(signed));
  return true;
}

function signedHeaders(
  { method, url, headers, body }: RequestLine,
  key: SigningKey,
  createdSeconds: number,
  flags: SignFlags,
): [name: string, value: string][] {
  const signature = signRequest({
    method,
    url: url.href,
    headers: Object.fromEntries(headers),
    body,
    key,
    createdSeconds,
    lifetimeSeconds: seconds('--lifetime', flags.lifetime),
    nonce: flags.nonce ?? randomBytes(16).toString('base64url'),
  });
  return Object.entries(signature);
}

const ADDED = ['content-type', 'content-digest', 'signature-input', 'signature'];

function headersToAdd(headers: readonly (readonly [string, string])[]): (readonly [string, string])[] {
  return headers.filter(([name]) => ADDED.includes(name.toLowerCase()));
}

/** What a verifier says of it that knows just this key, at the moment of signing. */
function explain(
  { method, url, body }: RequestLine,
  headers: readonly (readonly [string, string])[],
  key: SigningKey,
  nowSeconds: number,
) {
  const raw = {
    method,
    target: `${url.pathname}${url.search}`,
    headers: [['Host', url.host] as const, ...headers],
    body,
  };
  const known = { key: verificationKeyOf(key), party: null };
  const keys = { find: () => known };
  return diagnoseRequest(raw, { names: toPublicNames([url.origin]), policy: nativePolicy, keys, nowSeconds });
}

async function send({ method, url, headers, body }: CurlRequest): Promise<boolean> {
  const payload = body.length === 0 ? undefined : new Uint8Array(body);
  const pairs = headers.map(([name, value]): [string, string] => [name, value]);
  const response = await fetch(url, { method, headers: pairs, body: payload, redirect: 'manual' }).catch((error) => {
    throw new UsageError(`${url} could not be reached: ${reasonOf(error)}`);
  });
  say(`${response.status} ${response.statusText}`.trimEnd());
  say(await response.text());
  return response.ok;
}

/** `fetch` hides what went wrong in the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}

function seconds(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,12}$/.test(text)) throw new UsageError(`${flag} is a whole number of seconds`);
  return Number(text);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
