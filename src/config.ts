import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { z } from 'zod';

/**
 * The environment, read once. Nothing else in `src/` looks at `process.env`, except for `secret_env` of counterparty files and the
 * search for programs to start.
 *
 * | variable | default | meaning |
 * |---|---|---|
 * | `PORT`, `HOST` | 8787, 127.0.0.1 | where the gateway listens; port 0 takes a free one |
 * | `SLUICE_ENV` | sandbox | `sandbox` (sandbox lender, movable clock, loopback http) or `live` |
 * | `REDIS_URL` | unset = embedded | `redis://`, `rediss://`, `redis+sentinel://h1,h2/<master>`, `redis+cluster://h1,h2`, `unix:<path>` |
 * | `SLUICE_REDIS_PREFIX` | `sluice:` | prefix of every key, for several installations in one Redis |
 * | `SLUICE_DATA` | ./data | embedded Redis, generated secrets, documents (to be shared where gateways run on several machines) |
 * | `SLUICE_PROCESSES` | 1 | http and worker processes on this machine |
 * | `SLUICE_PROCESS_INDEX` | 1 | which of them this is; the first process sets it for the others |
 * | `SLUICE_PARTNERS` | ./partners | counterparty files |
 * | `SLUICE_PUBLIC_URL` | the listening address | public origins, comma-separated: signed authority, links |
 * | `SLUICE_TRUSTED_PROXIES` | none | addresses and CIDR blocks, comma-separated, whose `X-Forwarded-For` names the client |
 * | `SLUICE_ADMIN_TOKEN` | generated into `data/`, printed once | bootstrap operator |
 * | `SLUICE_SECRET` | generated into `data/` in sandbox; required in live | root of pepper, sealing and signing keys; ≥ 32 characters |
 * | `SLUICE_SEALING_KEYS` | unset = the key derived from the root secret | `id:base64(32 bytes)`, comma-separated: the first seals personal data, all open it |
 * | `SLUICE_RETAIN_REFUSED_DAYS` | 30 | personal data of an application that came to nothing, counted from its last change |
 * | `SLUICE_RETAIN_CLOSED_DAYS` | 1095 | personal data of an application whose credit and loans are over, likewise |
 * | `SLUICE_RETAIN_CLICK_DAYS` | 400 | clicks, and what binds them to a person |
 * | `SLUICE_RETAIN_FEED_DAYS` | 90 | what partners were told: their feeds, and deliveries that are over |
 * | `SLUICE_LIST_FORMS` | md5,sha256,sm3,phone_id | forms of an identifier that list entries are found under; other forms are refused |
 * | `SLUICE_SANDBOX_PORT` | any free one | loopback port of the lenders that the sandbox plays, for their pages and what they believe |
 * | `SLUICE_LOG_LEVEL` | info | pino level; `silent` turns the log off |
 */
const environmentSchema = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(8787),
  HOST: z.string().min(1).default('127.0.0.1'),
  SLUICE_ENV: z.enum(['sandbox', 'live']).default('sandbox'),
  REDIS_URL: z
    .string()
    .regex(/^(rediss?|redis\+sentinel|redis\+cluster):\/\/|^unix:/, 'must be a redis URL')
    .optional(),
  SLUICE_REDIS_PREFIX: z
    .string()
    .regex(/^[a-z0-9:_-]{0,32}$/i, 'must be at most 32 letters, digits, : _ -')
    .default('sluice:'),
  SLUICE_DATA: z.string().min(1).default('./data'),
  SLUICE_PROCESSES: z.coerce.number().int().min(1).max(64).default(1),
  SLUICE_PROCESS_INDEX: z.coerce.number().int().min(1).max(64).default(1),
  SLUICE_PARTNERS: z.string().min(1).default('./partners'),
  SLUICE_PUBLIC_URL: z.string().optional(),
  SLUICE_TRUSTED_PROXIES: z.string().optional(),
  SLUICE_ADMIN_TOKEN: z.string().min(16, 'must be at least 16 characters').optional(),
  SLUICE_SECRET: z.string().min(32, 'must be at least 32 characters').optional(),
  SLUICE_SEALING_KEYS: z.string().optional(),
  SLUICE_RETAIN_REFUSED_DAYS: retentionDays(30),
  SLUICE_RETAIN_CLOSED_DAYS: retentionDays(1095),
  SLUICE_RETAIN_CLICK_DAYS: retentionDays(400),
  SLUICE_RETAIN_FEED_DAYS: retentionDays(90),
  SLUICE_LIST_FORMS: z
    .string()
    .regex(/^(?=.*(md5|sha256|sm3))(md5|sha256|sm3|phone_id)(,(md5|sha256|sm3|phone_id))*$/, {
      message: 'must be some of md5,sha256,sm3 and maybe phone_id, comma-separated',
    })
    .default('md5,sha256,sm3,phone_id'),
  SLUICE_SANDBOX_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  SLUICE_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

export type RunMode = 'sandbox' | 'live';

export interface Config {
  readonly port: number;
  readonly host: string;
  readonly mode: RunMode;
  /** null = run the embedded server in `dataDir`. */
  readonly redisUrl: string | null;
  readonly redisPrefix: string;
  readonly dataDir: string;
  /** Which of how many processes on this machine this one is; the first is 1. */
  readonly process: { readonly index: number; readonly count: number };
  readonly partnersDir: string;
  /** Public origins without a trailing slash; empty = the listening address. */
  readonly publicUrls: readonly string[];
  /** Addresses and CIDR blocks of our proxies: what they say of the client's address is believed. */
  readonly trustedProxies: readonly string[];
  readonly adminToken: string;
  /** Set when the token was generated by this start and should be shown once. */
  readonly adminTokenIsNew: boolean;
  readonly rootSecret: Buffer;
  /** `SLUICE_SEALING_KEYS` as given; null = the derived key alone. */
  readonly sealingKeys: string | null;
  /** Days for which personal data is kept, and what partners were told. */
  readonly retention: {
    readonly refusedDays: number;
    readonly closedDays: number;
    readonly clickDays: number;
    readonly feedDays: number;
  };
  /** `SLUICE_LIST_FORMS` as given. */
  readonly listForms: string;
  /** Where the lenders that the sandbox plays listen, on loopback; 0 = any free port. */
  readonly sandboxPort: number;
  readonly logLevel: string;
  /** The environment as given, for `secret_env` of counterparty files. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** A setting is missing or wrong; the message names every variable at fault. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Turns the environment into settings; makes the data folder and the secrets that may be generated.
 * @throws ConfigError naming each variable that is wrong
 */
export function readConfig(variables: Readonly<Record<string, string | undefined>>): Config {
  // An empty variable is an unset one: that is how compose files and CI leave things out.
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigError(`bad settings\n  ${faults.join('\n  ')}`);
  }
  const env = parsed.data;
  const dataDir = resolve(env.SLUICE_DATA);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  if (env.SLUICE_ENV === 'live' && !env.SLUICE_SECRET) throw new ConfigError('SLUICE_SECRET is required in live mode');
  const secret = env.SLUICE_SECRET ?? keptSecret(join(dataDir, 'secret')).value;
  const token = env.SLUICE_ADMIN_TOKEN
    ? { value: env.SLUICE_ADMIN_TOKEN, isNew: false }
    : keptSecret(join(dataDir, 'admin-token'));
  return {
    port: env.PORT,
    host: env.HOST,
    mode: env.SLUICE_ENV,
    redisUrl: env.REDIS_URL ?? null,
    redisPrefix: env.SLUICE_REDIS_PREFIX,
    dataDir,
    process: { index: env.SLUICE_PROCESS_INDEX, count: env.SLUICE_PROCESSES },
    partnersDir: resolve(env.SLUICE_PARTNERS),
    publicUrls: publicOrigins(env.SLUICE_PUBLIC_URL),
    trustedProxies: addressRanges(env.SLUICE_TRUSTED_PROXIES),
    adminToken: token.value,
    adminTokenIsNew: token.isNew,
    rootSecret: Buffer.from(secret, 'utf8'),
    sealingKeys: env.SLUICE_SEALING_KEYS ?? null,
    retention: {
      refusedDays: env.SLUICE_RETAIN_REFUSED_DAYS,
      closedDays: env.SLUICE_RETAIN_CLOSED_DAYS,
      clickDays: env.SLUICE_RETAIN_CLICK_DAYS,
      feedDays: env.SLUICE_RETAIN_FEED_DAYS,
    },
    listForms: env.SLUICE_LIST_FORMS,
    // Several processes play the same lenders: only the first is found at the port.
    sandboxPort: env.SLUICE_PROCESS_INDEX === 1 ? env.SLUICE_SANDBOX_PORT : 0,
    logLevel: env.SLUICE_LOG_LEVEL,
    variables,
  };
}

/** A hundred years are for ever; no day at all would erase what is still being written. */
function retentionDays(days: number) {
  return z.coerce.number().int().min(1).max(36_500).default(days);
}

function publicOrigins(text: string | undefined): string[] {
  if (!text) return [];
  return text.split(',').map((entry) => {
    const url = URL.canParse(entry.trim()) ? new URL(entry.trim()) : undefined;
    if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search !== '') {
      throw new ConfigError(
        `bad settings\n  SLUICE_PUBLIC_URL: "${entry.trim()}" is not an origin such as https://gw.example`,
      );
    }
    return url.origin;
  });
}

function addressRanges(text: string | undefined): string[] {
  if (!text) return [];
  return text.split(',').map((entry) => {
    const range = entry.trim();
    const [, address = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(range) ?? [];
    const bits = isIP(address) === 6 ? 128 : 32;
    if (isIP(address) !== 0 && Number(prefix ?? 0) <= bits) return range;
    throw new ConfigError(`bad settings\n  SLUICE_TRUSTED_PROXIES: "${range}" is no address or CIDR block`);
  });
}

function keptSecret(file: string): { value: string; isNew: boolean } {
  if (existsSync(file)) return { value: readFileSync(file, 'utf8').trim(), isNew: false };
  const value = randomBytes(32).toString('base64url');
  writeFileSync(file, `${value}\n`, { mode: 0o600, flag: 'wx' });
  return { value, isNew: true };
}
