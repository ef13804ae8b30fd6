import { shardOfText } from '../base/ids.ts';
import type { Token } from '../identity/token.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { type LabelledToken, readToken, writeToken } from './labelled-token.ts';

const BETWEEN_TOKENS = ' ';

/**
 * Whom a masked identity may mean: the people known in plain who look like that behind the mask. What stands about them is
 * found by their own tokens, so it cannot differ from what a question in plain is answered.
 */
export class MaskedPeople {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /**
   * Remembers who is behind a mask; doing so again changes nothing. To be done before anything is claimed for them.
   * @param masked token of the kind `masked_person`
   * @param tokens of their phone and id number
   */
  async remember(masked: Token, tokens: readonly LabelledToken[]): Promise<void> {
    await this.#client.sadd(this.#key(masked), tokens.map(writeToken).join(BETWEEN_TOKENS));
  }

  /** Everybody who is behind a mask, each by their tokens; nearly always nobody or one. Sent in the caller's tick. */
  async find(masked: Token): Promise<LabelledToken[][]> {
    const people = await this.#client.smembers(this.#key(masked));
    return people.sort().map((text) => text.split(BETWEEN_TOKENS).flatMap((one) => readToken(one) ?? []));
  }

  #key(masked: Token): string {
    return this.#keys.shard(shardOfText(masked), 'masked', masked);
  }
}
