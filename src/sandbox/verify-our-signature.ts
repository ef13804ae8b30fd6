import type { JsonWebKeySet } from '../trust/our-keys.ts';
import { toPublicNames } from '../trust/public-names.ts';
import { PublishedKeys } from '../trust/published-keys.ts';
import { checkRawRequest, type RawRequest } from '../trust/raw-request.ts';
import { nativePolicy } from '../trust/signature-policy.ts';
import { type KeyDirectory, verifyRequest } from '../trust/verify-request.ts';

/** `unavailable` = the gateway's public keys could not be read: nothing is known about the signature. */
export type SignatureCheck =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: string; readonly detail: string }
  | { readonly ok: false; readonly code: 'unavailable'; readonly detail: string };

/**
 * Checks the gateway's signatures the way a lender would: against the public key set that the gateway serves. Replays are
 * not its concern: the delivery id makes a message harmless when it comes twice.
 */
export class OurSignatureVerifier {
  readonly #published: PublishedKeys;

  constructor(loadJwks: () => Promise<JsonWebKeySet>) {
    this.#published = new PublishedKeys(loadJwks);
  }

  /** @param origin the origin under which the request was to be sent, e.g. `http://127.0.0.1:9001` */
  async check(raw: RawRequest, origin: string): Promise<SignatureCheck> {
    const request = checkRawRequest(raw, toPublicNames([origin]));
    if (!request.ok) return request;
    let unknownKeyId: string | undefined;
    const directory: KeyDirectory<'gateway'> = {
      find: (keyId) => {
        const key = this.#published.find(keyId);
        if (key === undefined) unknownKeyId = keyId;
        return key && { key, party: 'gateway' };
      },
    };
    const first = verifyRequest(request, nativePolicy, directory, Date.now() / 1000);
    if (first.ok || unknownKeyId === undefined) return first;
    try {
      const key = await this.#published.findFresh(unknownKeyId);
      return key === undefined ? first : verifyRequest(request, nativePolicy, directory, Date.now() / 1000);
    } catch {
      return { ok: false, code: 'unavailable', detail: 'the public keys of the gateway cannot be read' };
    }
  }
}
