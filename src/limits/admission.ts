import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { defineScript } from '../redis/script.ts';
import { replayKeyMaterial } from '../trust/replay-key.ts';
import { afterReads, Gatherer } from './gatherer.ts';
import { type Rate, remainingOf, secondsToFull, secondsToWait } from './gcra.ts';

/** A request whose signature is good. */
export interface AdmissionRequest {
  readonly partyId: string;
  readonly rate: Rate;
  readonly keyId: string;
  readonly nonce: string;
  /** For which a repetition of the nonce is a replay. */
  readonly nonceSeconds: number;
}

export type Admission =
  /** `remaining` whole requests are left of the burst, which is full again in `fullInSeconds`. */
  | { readonly kind: 'admitted'; readonly remaining: number; readonly fullInSeconds: number }
  /** The nonce was used before with this key. */
  | { readonly kind: 'replayed' }
  | { readonly kind: 'limited'; readonly retryInSeconds: number };

/** Decides whether a verified request goes on. A request that does not is not counted, and its nonce not remembered. */
export interface Admissions {
  /** Throws when that cannot be known: a request must then not be let in. */
  admit(request: AdmissionRequest): Promise<Admission>;
}

const script = defineScript<'rate', readonly number[]>({
  file: new URL('./admit.lua', import.meta.url),
  keys: ['rate'],
  atOnce: true,
  reply: (raw) => {
    if (!Array.isArray(raw)) throw new Error('admit.lua: unknown reply');
    return raw.map(Number);
  },
});

/**
 * Rate and nonces of all parties in Redis, shared by all processes, decided in one script of the party's slot and by Redis'
 * own clock. A script that is sent again after a lost reply finds its nonces and counts nothing; the client then sees a
 * replay and signs anew, as every attempt must be. A changed rate begins with a fresh bucket.
 */
export function createAdmissions(client: RedisClient, keys: Keyspace): Admissions {
  const gatherer = new Gatherer<Rate, AdmissionRequest, Admission>({
    schedule: afterReads,
    isSame: (one, other) => one.perSecond === other.perSecond && one.burst === other.burst,
    send: async (partyId, rate, requests) => {
      const { perSecond, burst } = rate;
      const nonces = requests.map(({ keyId, nonce }) =>
        keys.partner(partyId, 'nonce', replayKeyMaterial(keyId, nonce)),
      );
      const lifetimes = requests.map(({ nonceSeconds }) => nonceSeconds);
      const names = { rate: keys.partner(partyId, 'rate', String(perSecond)) };
      const replies = await script.run(client, names, [perSecond, burst, ...lifetimes], nonces);
      return replies.map((reply) => admissionOf(reply, rate));
    },
  });
  return { admit: (request) => gatherer.call(request.partyId, request.rate, request) };
}

const REPLAYED: Admission = { kind: 'replayed' };
const THOUSANDTHS = 1_000;

function admissionOf(reply: number, rate: Rate): Admission {
  if (reply === 0) return REPLAYED;
  const requests = Math.abs(reply) / THOUSANDTHS;
  if (reply < 0) return { kind: 'limited', retryInSeconds: secondsToWait(rate, requests) };
  return { kind: 'admitted', remaining: remainingOf(rate, requests), fullInSeconds: secondsToFull(rate, requests) };
}
