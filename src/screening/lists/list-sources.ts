import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { defineScript } from '../../redis/script.ts';
import type { Contributor, ListScope } from './entry.ts';
import { SOURCE_MAX } from './membership.ts';

/** Whose applications see an entry, and who put it there: several lenders may list one person for the same funder. */
export interface ListSource {
  readonly scope: ListScope;
  readonly contributor: Contributor;
}

const SEPARATOR = '|';

const internScript = defineScript<'sources', number>({
  file: new URL('./intern-source.lua', import.meta.url),
  keys: ['sources'],
  reply: Number,
});

/** Sources by small number, so that an entry of the index carries two bytes. Numbers never change, so memory may keep them. */
export class ListSources {
  readonly #client: RedisClient;
  readonly #key: string;
  readonly #numbers = new Map<string, number>();
  readonly #sources = new Map<number, ListSource>();

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#key = keys.shard(0, 'listsources');
  }

  /**
   * The number of a source, given to it when it has none.
   * @throws Error when 16 383 sources have one
   */
  async intern(source: ListSource): Promise<number> {
    const name = nameOf(source);
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = await internScript.run(this.#client, { sources: this.#key }, [name, SOURCE_MAX]);
    if (number === 0) throw new Error(`lists have entries of ${SOURCE_MAX} scopes and contributors; no more fit`);
    this.#remember(name, number);
    return number;
  }

  /** The source of a number, when memory has it. */
  known(number: number): ListSource | undefined {
    return this.#sources.get(number);
  }

  /** Reads all numbers that were given, also by others. */
  async reload(): Promise<void> {
    const all = await this.#client.hgetall(this.#key);
    for (const [field, value] of Object.entries(all)) {
      if (field.startsWith('s')) this.#remember(field.slice(1), Number(value));
    }
  }

  /** Reads the table again when memory lacks one of these numbers: somebody else gave it. */
  async ensure(numbers: Iterable<number>): Promise<void> {
    for (const number of numbers) {
      if (!this.#sources.has(number)) return this.reload();
    }
  }

  #remember(name: string, number: number): void {
    const [scope, contributor] = name.split(SEPARATOR) as [ListScope, Contributor];
    this.#numbers.set(name, number);
    this.#sources.set(number, { scope, contributor });
  }
}

function nameOf({ scope, contributor }: ListSource): string {
  return `${scope}${SEPARATOR}${contributor}`;
}
