import { createHash, randomBytes } from 'node:crypto';
import { type Clock, isoOf, systemClock } from '../base/clock.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { defineScript } from '../redis/script.ts';
import { type ChangeVerdict, decideChange, type OperatorChange } from './decide-change.ts';
import { type Actor, type OperatorAccount, statusOfOperator } from './operator.ts';

const write = defineScript<'operators' | 'tokens', boolean>({
  file: new URL('./write-operator.lua', import.meta.url),
  keys: ['operators', 'tokens'],
  reply: (raw) => raw === 1,
});

const REV = '#rev';
const TOKEN_PREFIX = 'slo_';
const TOKEN_BYTES = 32;
const ATTEMPTS_MAX = 20;

/** A token and its SHA-256 in hex; the token is for the answer, the digest for Redis. */
export interface FreshToken {
  readonly token: string;
  readonly sha256: string;
}

/** Operator accounts, in Redis, so that every process knows a change at once. */
export class OperatorStore {
  readonly #client: RedisClient;
  readonly #keys: { readonly operators: string; readonly tokens: string };
  readonly #clock: Clock;

  /** @param clock real time; accounts never expire by a sandbox clock */
  constructor(client: RedisClient, keys: Keyspace, clock: Clock = systemClock) {
    this.#client = client;
    this.#keys = { operators: keys.shard(0, 'operators'), tokens: keys.shard(0, 'operators', 'tokens') };
    this.#clock = clock;
  }

  /** Who a token belongs to; undefined when to nobody, to somebody who is revoked, or when it has expired. */
  async findByToken(tokenSha256: string): Promise<Actor | undefined> {
    const name = await this.#client.hget(this.#keys.tokens, tokenSha256);
    if (name === null) return undefined;
    const account = await this.find(name);
    // The account decides: the index may be a moment older.
    if (account === undefined || account.token_sha256 !== tokenSha256) return undefined;
    if (statusOfOperator(account, this.#now()) !== 'active') return undefined;
    return { name: account.name, role: account.role };
  }

  async find(name: string): Promise<OperatorAccount | undefined> {
    const json = await this.#client.hget(this.#keys.operators, name);
    return json === null || name === REV ? undefined : (JSON.parse(json) as OperatorAccount);
  }

  /** All accounts by name, the revoked ones too. */
  async list(): Promise<OperatorAccount[]> {
    return (await this.#read()).accounts;
  }

  /** Does what was asked, or says why not; nothing is written then. */
  async change(change: OperatorChange, actor: Actor): Promise<ChangeVerdict> {
    const now = this.#now();
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const { rev, accounts } = await this.#read();
      const verdict = decideChange(accounts, change, actor, now);
      if (!verdict.ok) return verdict;
      const { account } = verdict;
      const before = accounts.find(({ name }) => name === account.name)?.token_sha256 ?? '';
      const ends = before === account.token_sha256 ? '' : before;
      const args = [rev, account.name, JSON.stringify(account), ends, account.token_sha256 ?? ''];
      if (await write.run(this.#client, this.#keys, args)) return verdict;
    }
    throw new Error('the operator accounts were changed before every attempt to change one');
  }

  async #read(): Promise<{ rev: string; accounts: OperatorAccount[] }> {
    const { [REV]: rev = '0', ...stored } = await this.#client.hgetall(this.#keys.operators);
    const accounts = Object.values(stored).map((json) => JSON.parse(json) as OperatorAccount);
    return { rev, accounts: accounts.sort((left, right) => (left.name < right.name ? -1 : 1)) };
  }

  #now(): string {
    return isoOf(this.#clock.nowMs());
  }
}

/** A token that nobody has: 256 random bits. */
export function freshToken(): FreshToken {
  const token = `${TOKEN_PREFIX}${randomBytes(TOKEN_BYTES).toString('base64url')}`;
  return { token, sha256: createHash('sha256').update(token).digest('hex') };
}
