import { shardOfId } from '../base/ids.ts';
import type { AttributionVerdict } from '../base/verdict.ts';
import { commit } from '../events/commit.ts';
import type { NewEvent } from '../events/event.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';

/** Somebody who registered at a lender. */
export interface Registration {
  readonly id: string;
  readonly lender_id: string;
  readonly lender_ref: string;
  readonly product_id: string | null;
  /** Tokens of the subject. */
  readonly tokens: readonly string[];
  readonly attribution: AttributionVerdict;
  readonly registered_at: string;
  readonly created_at: string;
}

/** Registrations, each one document that is written once. */
export class RegistrationStore {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  async load(id: string): Promise<Registration | undefined> {
    const document = await this.#client.hget(this.#keys.shard(shardOfId(id), 'app', id), 'doc');
    return document ? (JSON.parse(document) as Registration) : undefined;
  }

  /** Writes it with its event; when the id is there already, answers what is there. */
  async create(registration: Registration, event: NewEvent): Promise<Registration> {
    const written = await commit(this.#client, this.#keys, {
      id: registration.id,
      expectedVersion: 0,
      document: registration,
      events: [event],
    });
    return written.ok ? registration : (JSON.parse(written.document) as Registration);
  }
}
