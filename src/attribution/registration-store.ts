import { shardOfId } from '../base/ids.ts';
import type { AttributionVerdict } from '../base/verdict.ts';
import { commit } from '../events/commit.ts';
import type { LogEvent, NewEvent } from '../events/event.ts';
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

/** What of a registration neither data nor context of its event tell. */
export type RegistrationStanding = Pick<Registration, 'tokens' | 'attribution'>;

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
    const { tokens, attribution } = registration;
    const now: RegistrationStanding = { tokens, attribution };
    const written = await commit(this.#client, this.#keys, {
      id: registration.id,
      expectedVersion: 0,
      document: registration,
      events: [{ ...event, now }],
    });
    return written.ok ? registration : (JSON.parse(written.document) as Registration);
  }
}

/** The registration as its event tells it, so that the log alone rebuilds it; undefined for any other event. */
export function rebuildRegistration({ type, subject: id, context, now, ...event }: LogEvent): Registration | undefined {
  if (type !== 'applicant.registered' || context === null || now === undefined) return undefined;
  const { tokens, attribution } = now as RegistrationStanding;
  return {
    id,
    lender_id: context.lender_id,
    lender_ref: context.lender_ref ?? '',
    product_id: context.product_id,
    tokens,
    attribution,
    registered_at: event.occurred_at,
    created_at: event.recorded_at,
  };
}
