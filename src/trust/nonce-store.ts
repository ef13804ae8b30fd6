import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { defineScript } from '../redis/script.ts';
import { replayKeyMaterial } from './replay-key.ts';

/** Remembers which nonces were used; the one part of signature checks that needs a memory shared by all processes. */
export type NonceStore = {
  /**
   * Remembers a party's nonce for `ttlSeconds`. True when it was new, false when it was seen before. Throws when that
   * cannot be known: a request must then not be let in.
   */
  remember(partyId: string, keyId: string, nonce: string, ttlSeconds: number): Promise<boolean>;
};

const rememberNonce = defineScript({
  file: new URL('./remember-nonce.lua', import.meta.url),
  keys: ['nonce'],
  reply: (raw) => {
    if (raw !== 0 && raw !== 1) throw new Error('remember-nonce.lua: unknown reply');
    return raw === 1;
  },
});

/**
 * Nonces in Redis, each in its party's slot until its signature has expired. A lost reply can make the client's next
 * attempt with the same nonce a replay, which is why every attempt is signed anew.
 */
export function createNonceStore(client: RedisClient, keys: Keyspace): NonceStore {
  return {
    remember(partyId, keyId, nonce, ttlSeconds) {
      const key = keys.partner(partyId, 'nonce', replayKeyMaterial(keyId, nonce));
      return rememberNonce.run(client, { nonce: key }, [ttlSeconds]);
    },
  };
}
