import { generateKeyPairSync } from 'node:crypto';
import { importSigningKey, type SigningKey } from '../../../trust/import-key.ts';
import { signRequest } from '../../../trust/sign-message.ts';
import { nativePolicy } from '../../../trust/signature-policy.ts';
import type { CoreAddress, CoreMessage } from '../core-client.ts';
import type { ProbeSignature } from './probe.ts';

/** One request as it goes out. */
export interface ProbeRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Further in the past than lifetime and skew together. */
const EXPIRED_BEFORE_SECONDS = 2 * nativePolicy.maxLifetimeSeconds;
/** In nobody's key set. */
const UNKNOWN_KEY_ID = 'sluice-probe-unknown';

/** A message signed as a probe wants it. @param nowSeconds real time, epoch seconds */
export function signProbe(
  signature: ProbeSignature,
  core: CoreAddress,
  { deliveryId, path, body }: CoreMessage,
  nowSeconds: number,
): ProbeRequest {
  const url = `${core.url}${path}`;
  const text = JSON.stringify(body);
  const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': deliveryId };
  if (signature === 'none') return { url, headers, body: text };
  const key = signature === 'unknown_key' ? unknownKey() : core.signingKey;
  const createdSeconds = signature === 'expired' ? nowSeconds - EXPIRED_BEFORE_SECONDS : nowSeconds;
  const signed = signRequest({ method: 'POST', url, headers, body: text, key, createdSeconds });
  const made = signature === 'wrong' ? { ...signed, Signature: withOtherBit(signed.Signature) } : signed;
  // The same JSON in other bytes: a core that takes it takes nothing that it has not got.
  return { url, headers: { ...headers, ...made }, body: signature === 'other_body' ? `${text} ` : text };
}

function withOtherBit(signature: string): string {
  return signature.replace(/:([A-Za-z0-9+/=]+):/, (_, base64: string) => {
    const bytes = Buffer.from(base64, 'base64');
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    return `:${bytes.toString('base64')}:`;
  });
}

function unknownKey(): SigningKey {
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const read = importSigningKey({ id: UNKNOWN_KEY_ID, alg: 'ed25519', jwk: { ...jwk, kty: 'OKP' } });
  if (!read.ok) throw new Error(read.detail);
  return read.key;
}
