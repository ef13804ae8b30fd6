import { randomBytes } from 'node:crypto';
import { acceptSignature } from '../trust/accept-signature.ts';
import type { NonceStore } from '../trust/nonce-store.ts';
import type { CheckedRequest } from '../trust/raw-request.ts';
import { replayTtlSeconds } from '../trust/replay-key.ts';
import { nativePolicy } from '../trust/signature-policy.ts';
import { type KeyDirectory, verifyRequest } from '../trust/verify-request.ts';
import { isAllowedAddress } from './allowed-address.ts';
import { ProblemError } from './problem.ts';
import type { ProblemCode } from './problem-catalogue.ts';
import type { Caller, DoorContext } from './request-context.ts';

/** How a door learns who calls; throws a ProblemError when it does not. */
export type Authenticator<P> = (c: DoorContext<P>, request: CheckedRequest) => Caller<P> | Promise<Caller<P>>;

/** What is needed of a party that signs. */
export interface SigningParty {
  readonly id: string;
  readonly allow_ips: readonly string[];
}

export interface SignedDeps<P extends SigningParty> {
  /** Keys of the parties that this door is for, and of nobody else: see `trafficKeys` and `lenderKeys`. */
  readonly keys: KeyDirectory<P>;
  readonly nonces: NonceStore;
  /**
   * Asked once the signature is good and before its nonce is spent: a place for quotas. Strangers cannot use up a
   * party's quota, and who is turned away may send the same request again. Throws a ProblemError to refuse.
   */
  admit?(party: P, c: DoorContext<P>): void | Promise<void>;
}

/**
 * Requests signed by RFC 9421. The order is: signature and digest, address, quota, nonce; nothing is remembered of a request
 * that fails before. A suspended or terminated party is let in: its reads go on, each operation decides what does not.
 * @throws ProblemError 401 with `Accept-Signature`, 403 `forbidden`; what the nonce store throws when it cannot be asked
 */
export function signedBy<P extends SigningParty>(deps: SignedDeps<P>): Authenticator<P> {
  return async (c, request) => {
    const nowSeconds = Date.now() / 1_000;
    const verdict = verifyRequest(request, nativePolicy, deps.keys, nowSeconds);
    if (!verdict.ok) throw unauthenticated(verdict.code, verdict.detail, request);
    const { party, keyId, nonce, expires } = verdict;
    if (party.allow_ips.length > 0 && !isAllowedAddress(party.allow_ips, c.env?.incoming?.socket.remoteAddress)) {
      throw new ProblemError('forbidden', 'this party does not call from this address');
    }
    const waiting = deps.admit?.(party, c);
    if (waiting !== undefined) await waiting;
    const ttlSeconds = replayTtlSeconds(expires, nativePolicy.clockSkewSeconds, nowSeconds);
    if (!(await deps.nonces.remember(party.id, keyId, nonce, ttlSeconds))) {
      throw unauthenticated('signature_replayed', 'the nonce was used before with this key', request);
    }
    return { party, label: party.id, keyId };
  };
}

const NONCE_BYTES = 16;

/** A 401 says exactly what to sign (RFC 9421 §5), so that a client can correct itself. */
function unauthenticated(code: ProblemCode, detail: string, request: CheckedRequest): ProblemError {
  const wish = acceptSignature({
    hasQuery: request.query !== '',
    hasBody: request.body.length > 0,
    nonce: randomBytes(NONCE_BYTES).toString('base64url'),
  });
  return new ProblemError(code, detail, { headers: { 'Accept-Signature': wish } });
}
