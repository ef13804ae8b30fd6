import { shardOfText } from '../base/ids.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { defineScript } from '../redis/script.ts';

/** A precheck with `reserve: true`: the subject is kept for a partner until `until_ms` (business time). */
export interface Hold {
  readonly precheck_id: string;
  readonly partner_id: string;
  readonly until_ms: number;
  /** Terms version per contract that was quoted. */
  readonly pins: Readonly<Record<string, string>>;
  /** What was quoted: who cites it may still apply for these while they are paused. */
  readonly product_ids?: readonly string[];
}

export type ClaimAnswer =
  /** `endedOwnerId`: whose claim it was before, while nobody has given it back; null when it was nobody's. */
  | { readonly kind: 'taken'; readonly endedOwnerId: string | null }
  | { readonly kind: 'claimed'; readonly ownerId: string }
  | { readonly kind: 'held'; readonly untilMs: number };

/** What stands about one token at one lender. */
export interface ClaimReading {
  readonly token: string;
  readonly ownerId: string | null;
  readonly hold: Hold | null;
}

type PlaceAnswer = ClaimAnswer | { readonly kind: 'placed' };
type ClaimKeys = 'claim' | 'hold';

/** Who a reservation is kept for, in real time: longer than its business life, so the sandbox clock alone ends it. */
const HOLD_LIFETIME_MS = 15 * 60_000;

/** Between a claim's owner and the ended one it was taken over from. */
const OWNER_SEPARATOR = '|';

const takeScript = defineScript<ClaimKeys, ClaimAnswer>({
  file: new URL('./take-claim.lua', import.meta.url),
  keys: ['claim', 'hold'],
  reply: (raw) => decode(raw) as ClaimAnswer,
});
const placeScript = defineScript<ClaimKeys, PlaceAnswer>({
  file: new URL('./place-hold.lua', import.meta.url),
  keys: ['claim', 'hold'],
  reply: decode,
});
const releaseScript = defineScript<'claim', boolean>({
  file: new URL('./release-claim.lua', import.meta.url),
  keys: ['claim'],
  reply: (raw) => raw === 1,
});

/** Claims and reservations: each token in its own shard, each step one script. */
export class ClaimStore {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /**
   * Claims one token for an application; asking again for the same application answers `taken` again.
   * @param request.replaces owner whose claim the caller has judged to be over
   */
  take(
    lenderId: string,
    token: string,
    request: {
      readonly applicationId: string;
      readonly partnerId: string | null;
      readonly replaces?: string;
      readonly nowMs: number;
    },
  ): Promise<ClaimAnswer> {
    return takeScript.run(this.#client, this.#claimKeys(lenderId, token), [
      request.applicationId,
      request.replaces ?? '',
      request.partnerId ?? '',
      String(request.nowMs),
    ]);
  }

  /** Gives a token back, if it is this application's: to the ended owner it was taken over from, if there was one. */
  release(lenderId: string, token: string, applicationId: string): Promise<boolean> {
    return releaseScript.run(this.#client, { claim: this.#claimKeys(lenderId, token).claim }, [applicationId]);
  }

  /** Reserves one token. */
  place(lenderId: string, token: string, hold: Hold, nowMs: number, endedOwner?: string): Promise<PlaceAnswer> {
    return placeScript.run(this.#client, this.#claimKeys(lenderId, token), [
      JSON.stringify(hold),
      hold.partner_id,
      String(nowMs),
      String(HOLD_LIFETIME_MS),
      endedOwner ?? '',
    ]);
  }

  /** Ends a reservation, if it is this precheck's. */
  async dropHold(lenderId: string, token: string, precheckId: string): Promise<void> {
    const { hold } = this.#claimKeys(lenderId, token);
    const stored = await this.#client.get(hold);
    // Between reading and deleting only its own partner could have renewed it, for the same subject.
    if (stored && (JSON.parse(stored) as Hold).precheck_id === precheckId) await this.#client.del(hold);
  }

  /** Reads claim and reservation of many tokens in one round. */
  read(lenderId: string, tokens: readonly string[]): Promise<ClaimReading[]> {
    return Promise.all(
      tokens.map(async (token) => {
        const { claim, hold } = this.#claimKeys(lenderId, token);
        const [value, held] = await this.#client.mget(claim, hold);
        return {
          token,
          ownerId: value?.split(OWNER_SEPARATOR, 1)[0] ?? null,
          hold: held ? (JSON.parse(held) as Hold) : null,
        };
      }),
    );
  }

  #claimKeys(lenderId: string, token: string): { claim: string; hold: string } {
    const shard = shardOfText(token);
    return {
      claim: this.#keys.shard(shard, 'claim', lenderId, token),
      hold: this.#keys.shard(shard, 'hold', lenderId, token),
    };
  }
}

function decode(raw: unknown): PlaceAnswer {
  const [kind, value = ''] = raw as [string, string?];
  if (kind === 'taken') return { kind, endedOwnerId: value === '' ? null : value };
  if (kind === 'placed') return { kind };
  if (kind === 'claimed') return { kind, ownerId: value };
  if (kind === 'held') return { kind, untilMs: Number(value) };
  throw new Error(`a claim script answered ${kind}`);
}
