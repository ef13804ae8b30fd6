import type { Command } from 'commander';
import { ENTRY_PARAMETERS, type EntryContent, entrySignature, entryText } from '../trust/entry-link.ts';
import type { SigningKey } from '../trust/import-key.ts';
import { type KeyFlags, readSigningKey } from './sign-key.ts';
import { UsageError } from './usage-error.ts';

interface SignLinkFlags extends KeyFlags {
  readonly url: string;
  readonly param: readonly string[];
  readonly ttl: string;
  readonly expires?: string;
  readonly explain?: boolean;
  /** `sub1` … `sub10`. */
  readonly [name: `sub${number}`]: string | undefined;
}

/** A signed address, and what was signed of it. */
export interface SignedLink {
  readonly address: string;
  readonly text: string;
}

const SUB_IDS = Array.from({ length: 10 }, (_, index) => `sub${index + 1}` as const);
const CODE = /^[A-Za-z0-9][A-Za-z0-9_-]{1,63}$/;
const PARAMETER = /^([A-Za-z][A-Za-z0-9_.-]{0,31})=(.*)$/s;
const TTL = /^(\d{1,7})([smhd])$/;
const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** Adds `sluice sign-link CODE`: the address of a link, signed for a while. */
export function registerSignLinkCommand(program: Command): void {
  const command = program
    .command('sign-link')
    .description('sign the address of a link, for partners whose entry_links ask for it')
    .argument('<code>', 'code of the link')
    .option('--url <origin>', 'public origin that the address begins with', '')
    .option('--key <file>', 'file with the base64 secret')
    .option('--secret-env <name>', 'variable that holds the base64 secret')
    .option('--key-id <id>', "the key's id, as in entry_links.keys")
    .option('--param <name=value>', 'parameter that the link passes on; may be repeated', collect, [])
    .option('--ttl <time>', 'how long it is good, such as 30m, 1h or 7d', '1h')
    .option('--expires <seconds>', 'until when it is good, epoch seconds; instead of --ttl')
    .option('--explain', 'also print what was signed, on standard error');
  for (const name of SUB_IDS)
    command.option(`--${name} <text>`, name === 'sub1' ? 'sub id; also --sub2 … --sub10' : '');
  command.action(async (code: string, flags: SignLinkFlags) => {
    const key = await readSigningKey({ ...flags, alg: 'hmac-sha256' });
    const signed = signLink(key, code, parametersOf(flags), expiresOf(flags, Date.now()), flags.url);
    if (flags.explain === true) process.stderr.write(signed.text);
    process.stdout.write(`${signed.address}\n`);
  });
}

/**
 * Signs the address of a link. Parameters that are empty are left out.
 * @param expires epoch seconds
 * @param origin what the address begins with; empty = only path and query
 * @throws UsageError when the code is none
 */
export function signLink(
  key: SigningKey,
  code: string,
  given: ReadonlyMap<string, string>,
  expires: number,
  origin: string,
): SignedLink {
  if (!CODE.test(code)) throw new UsageError(`"${code}" is no code of a link: 2–64 letters, digits, "_" or "-"`);
  const parameters = new Map([...given].filter(([, value]) => value !== ''));
  const content: EntryContent = { code, keyId: key.id, expires: String(expires), parameters };
  const query = new URLSearchParams([...parameters]);
  query.append('kid', content.keyId);
  query.append('exp', content.expires);
  query.append('sig', entrySignature(key.keyObject, content));
  return { address: `${origin.replace(/\/$/, '')}/r/${code}?${query}`, text: entryText(content) };
}

function parametersOf(flags: SignLinkFlags): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const name of SUB_IDS) if (flags[name] !== undefined) found.set(name, flags[name]);
  for (const text of flags.param) {
    const [, name = '', value = ''] = PARAMETER.exec(text) ?? [];
    if (name === '') throw new UsageError(`--param ${text}: write name=value`);
    if (ENTRY_PARAMETERS.includes(name)) throw new UsageError(`--param ${name}: the signature itself uses that name`);
    found.set(name, value);
  }
  return found;
}

function expiresOf({ ttl, expires }: SignLinkFlags, nowMs: number): number {
  if (expires !== undefined) {
    if (!/^[1-9]\d{0,10}$/.test(expires)) throw new UsageError('--expires is a number of epoch seconds');
    return Number(expires);
  }
  const [, count = '', unit = ''] = TTL.exec(ttl) ?? [];
  if (count === '') throw new UsageError(`--ttl ${ttl}: write a number and s, m, h or d, such as 1h`);
  return Math.floor(nowMs / 1_000) + Number(count) * (UNIT_SECONDS[unit] ?? 0);
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
