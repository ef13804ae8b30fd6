import { importVerificationKey, type VerificationKey } from '../trust/import-key.ts';
import type { JsonWebKeySet } from '../trust/our-keys.ts';
import { toPublicNames } from '../trust/public-names.ts';
import { checkRawRequest, type RawRequest } from '../trust/raw-request.ts';
import { nativePolicy } from '../trust/signature-policy.ts';
import { verifyRequest } from '../trust/verify-request.ts';

/** `unavailable` = the gateway's public keys could not be read: nothing is known about the signature. */
export type SignatureCheck =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: string; readonly detail: string }
  | { readonly ok: false; readonly code: 'unavailable'; readonly detail: string };

/** A key set is read again for an unknown key, but not more often than this. */
const RELOAD_MS = 5_000;

/**
 * Checks the gateway's signatures the way a lender would: against the public key set that the gateway serves. Replays are
 * not its concern: the delivery id makes a message harmless when it comes twice.
 */
export class OurSignatureVerifier {
  readonly #loadJwks: () => Promise<JsonWebKeySet>;
  #keys = new Map<string, VerificationKey>();
  #loadedMs = Number.NEGATIVE_INFINITY;

  constructor(loadJwks: () => Promise<JsonWebKeySet>) {
    this.#loadJwks = loadJwks;
  }

  /** @param origin the origin under which the request was to be sent, e.g. `http://127.0.0.1:9001` */
  async check(raw: RawRequest, origin: string): Promise<SignatureCheck> {
    const request = checkRawRequest(raw, toPublicNames([origin]));
    if (!request.ok) return request;
    const first = this.#verify(request);
    if (first.ok || first.code !== 'key_unknown' || Date.now() - this.#loadedMs < RELOAD_MS) return first;
    try {
      await this.#reload();
    } catch {
      return { ok: false, code: 'unavailable', detail: 'the public keys of the gateway cannot be read' };
    }
    return this.#verify(request);
  }

  #verify(request: Parameters<typeof verifyRequest>[0]): SignatureCheck {
    const directory = {
      find: (keyId: string) => {
        const key = this.#keys.get(keyId);
        return key && { key, party: 'gateway' };
      },
    };
    return verifyRequest(request, nativePolicy, directory, Date.now() / 1000);
  }

  async #reload(): Promise<void> {
    const { keys } = await this.#loadJwks();
    const imported = keys.flatMap((jwk) => {
      const result = importVerificationKey({ id: jwk.kid, alg: 'ed25519', jwk });
      return result.ok ? [[jwk.kid, result.key] as const] : [];
    });
    this.#keys = new Map(imported);
    this.#loadedMs = Date.now();
  }
}
