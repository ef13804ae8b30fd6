import { type CoverageNeed, nativePolicy, requiredComponents } from './signature-policy.ts';

/** What the answer to an unsigned or badly signed request says about how to sign it. */
export type SignatureWish = CoverageNeed & {
  readonly tag?: string;
  /**
   * RFC 9421 §5.2 has no way to ask for "any nonce", only for a certain one. With a fresh random one here, a library that
   * does just what it is asked signs a complete request; a nonce of the signer's own is as good.
   */
  readonly nonce?: string;
};

/**
 * Value of `Accept-Signature` (RFC 9421 §5.1): the components and parameters that a signature over such a request needs.
 * `keyid` and `alg` are left out, since they are the signer's.
 */
export function acceptSignature(wish: SignatureWish): string {
  const components = requiredComponents(wish).map((name) => `"${name}"`);
  const nonce = wish.nonce === undefined ? '' : `;nonce="${wish.nonce}"`;
  return `sig=(${components.join(' ')});created;expires${nonce};tag="${wish.tag ?? nativePolicy.tag}"`;
}
