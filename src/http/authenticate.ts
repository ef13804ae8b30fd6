import { randomBytes } from 'node:crypto';
import type { Admissions } from '../limits/admission.ts';
import { LENDER_LIMITS, type PartyLimits, policiesOf } from '../limits/party-limits.ts';
import { acceptSignature } from '../trust/accept-signature.ts';
import type { CheckedRequest } from '../trust/raw-request.ts';
import { replayTtlSeconds } from '../trust/replay-key.ts';
import { nativePolicy } from '../trust/signature-policy.ts';
import { type KeyDirectory, type RequestVerdict, verifyRequest } from '../trust/verify-request.ts';
import { isAllowedAddress } from './allowed-address.ts';
import type { Perimeter } from './perimeter.ts';
import { ProblemError } from './problem.ts';
import type { ProblemCode } from './problem-catalogue.ts';
import { limitedBy, tellLimits } from './rate-limit-fields.ts';
import type { Caller, DoorContext } from './request-context.ts';
import { warnRetiring } from './warn-retiring.ts';

/** How a door learns who calls; throws a ProblemError when it does not. The perimeter knows the client's address. */
export type Authenticator<P> = (
  c: DoorContext<P>,
  request: CheckedRequest,
  perimeter: Perimeter,
) => Caller<P> | Promise<Caller<P>>;

/** What is needed of a party that signs. */
export interface SigningParty {
  readonly id: string;
  readonly allow_ips: readonly string[];
  /** Absent: those of lenders. */
  readonly limits?: PartyLimits;
}

export interface SignedDeps<P extends SigningParty> {
  /** Keys of the parties that this door is for, and of nobody else: see `PartyKeys`. */
  readonly keys: KeyDirectory<P>;
  /** Looks for a key that `keys` does not have, where a party publishes its own; true when there is something new. */
  refreshKeys?(keyId: string): Promise<boolean>;
  /**
   * Asked last, of a request whose signature is good: strangers cannot use up a party's rate, and what is turned away for it
   * is not remembered, so the same request may be sent again.
   */
  readonly admissions: Admissions;
}

/**
 * Requests signed by RFC 9421. The order is: signature and digest, address, rate and nonce in one step; nothing is remembered
 * or counted of a request that fails. A suspended or terminated party is let in: its reads go on, each operation decides what does not.
 * @throws ProblemError 401 with `Accept-Signature`, 403 `forbidden`, 429 `rate_limited`; what admissions throw when they cannot be had
 */
export function signedBy<P extends SigningParty>(deps: SignedDeps<P>): Authenticator<P> {
  return async (c, request, perimeter) => {
    const nowSeconds = Date.now() / 1_000;
    const verdict = await verify(deps, request, nowSeconds);
    if (!verdict.ok) throw unauthenticated(verdict.code, verdict.detail, request);
    const { party, keyId, nonce, expires } = verdict;
    if (party.allow_ips.length > 0 && !isAllowedAddress(party.allow_ips, perimeter.addressOf(c))) {
      throw new ProblemError('forbidden', 'this party does not call from this address');
    }
    warnRetiring(c, verdict.key, nowSeconds);
    const caller = { party, label: party.id, keyId };
    const limits = party.limits ?? LENDER_LIMITS;
    const { rate } = policiesOf(limits);
    const nonceSeconds = replayTtlSeconds(expires, nativePolicy.clockSkewSeconds, nowSeconds);
    const admission = await deps.admissions.admit({ partyId: party.id, rate, keyId, nonce, nonceSeconds });
    if (admission.kind === 'admitted') {
      tellLimits(c, limits, admission.remaining, admission.fullInSeconds);
      return caller;
    }
    if (admission.kind === 'replayed') {
      throw unauthenticated('signature_replayed', 'the nonce was used before with this key', request);
    }
    const { retryInSeconds } = admission;
    // The log and the metrics say who it was.
    c.get('request').caller = caller;
    tellLimits(c, limits, 0, retryInSeconds);
    throw limitedBy('requests', `more than ${rate.perSecond} requests a second`, retryInSeconds);
  };
}

/** Looks for the key once more where it is not known but may have been published since. */
async function verify<P extends SigningParty>(
  deps: Pick<SignedDeps<P>, 'keys' | 'refreshKeys'>,
  request: CheckedRequest,
  nowSeconds: number,
): Promise<RequestVerdict<P>> {
  const verdict = verifyRequest(request, nativePolicy, deps.keys, nowSeconds);
  if (verdict.ok || verdict.keyId === undefined || !(await deps.refreshKeys?.(verdict.keyId))) return verdict;
  return verifyRequest(request, nativePolicy, deps.keys, nowSeconds);
}

/**
 * Looks at the head of a request before its body is taken in: whoever signed it holds a key. Says nothing of the body, nor
 * whether the request was sent before; all of that is asked when the body is here.
 * @throws ProblemError 401 with `Accept-Signature`
 */
export function signedHeadBy<P extends SigningParty>(
  deps: Pick<SignedDeps<P>, 'keys' | 'refreshKeys'>,
): (head: CheckedRequest) => Promise<void> {
  return async (head) => {
    const verdict = await verify(deps, head, Date.now() / 1_000);
    // The digest is looked at last, and cannot be that of a body which is not here.
    if (verdict.ok || verdict.code === 'digest_mismatch') return;
    throw unauthenticated(verdict.code, verdict.detail, head, true);
  };
}

const NONCE_BYTES = 16;

/** A 401 says exactly what to sign (RFC 9421 §5), so that a client can correct itself. */
function unauthenticated(
  code: ProblemCode,
  detail: string,
  request: CheckedRequest,
  hasBody = request.body.length > 0,
): ProblemError {
  const wish = acceptSignature({
    hasQuery: request.query !== '',
    hasBody,
    nonce: randomBytes(NONCE_BYTES).toString('base64url'),
  });
  return new ProblemError(code, detail, { headers: { 'Accept-Signature': wish } });
}
