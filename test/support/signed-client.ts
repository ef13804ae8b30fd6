import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { sandboxSigningKey } from '../../src/sandbox/sandbox-keys.ts';
import { importSigningKey, type KeySpec, type SigningKey } from '../../src/trust/import-key.ts';
import { signRequest } from '../../src/trust/sign-message.ts';
import { SHIPPED_PARTNERS } from './intake.ts';
import { type PartnerClient, partnerClient } from './partner-door.ts';

/** The keys that the shipped partners publish for the sandbox. */
export function shippedKey(partnerId: 'acme' | 'summit'): SigningKey {
  return partnerId === 'acme' ? acmeKey() : summitKey();
}

/** Private half of acme's Ed25519 key, as a JWK. */
export function acmeJwk(): Record<string, string> {
  const text = readFileSync(join(SHIPPED_PARTNERS, 'traffic/acme/sandbox-key.json'), 'utf8');
  const { kty = '', crv = '', x = '', d = '' } = JSON.parse(text) as Record<string, string>;
  return { kty, crv, x, d };
}

/** The secret that summit shares with us, base64. */
export function summitSecret(): string {
  const file = readFileSync(join(SHIPPED_PARTNERS, 'traffic/summit/partner.yaml'), 'utf8');
  const { keys } = parse(file) as { keys: { id: string; secret?: string }[] };
  return keys.find((key) => key.id === 'summit-hmac')?.secret ?? '';
}

function acmeKey(): SigningKey {
  return imported({ id: 'acme-ed', alg: 'ed25519', jwk: acmeJwk() });
}

function summitKey(): SigningKey {
  return imported({ id: 'summit-hmac', alg: 'hmac-sha256', secretBase64: summitSecret() });
}

function imported(spec: KeySpec): SigningKey {
  const read = importSigningKey(spec);
  if (!read.ok) throw new Error(read.detail);
  return read.key;
}

/** A client of a shipped partner against a gateway at `origin`. */
export function shippedClient(origin: string, partnerId: 'acme' | 'summit'): PartnerClient {
  return partnerClient(origin, shippedKey(partnerId));
}

/** Posts to the lender door as a sandbox lender's core does. */
export function lenderClient(origin: string, rootSecret: Uint8Array, lenderId: string): PartnerClient {
  return partnerClient(origin, sandboxSigningKey(rootSecret, lenderId));
}

/** Sends the operator's bearer token with every request, and signs nothing. */
export function operatorClient(origin: string, token: string): PartnerClient {
  const authorization = { authorization: `Bearer ${token}` };
  const send: PartnerClient['send'] = async (method, path, { body, headers = {} }) => {
    const all = { ...authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers };
    const response = await fetch(`${origin}${path}`, { method, headers: all, body });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  };
  return {
    send,
    get: (path, headers) => send('GET', path, { headers }),
    post: (path, body, headers) => send('POST', path, { body: JSON.stringify(body), headers }),
  };
}

/** A file that a shipped partner downloads, byte for byte. */
export async function downloadAs(origin: string, partnerId: 'acme' | 'summit', path: string): Promise<string> {
  const url = `${origin}${path}`;
  const headers = signRequest({ method: 'GET', url, key: shippedKey(partnerId), createdSeconds: Date.now() / 1_000 });
  const response = await fetch(url, { headers: { ...headers } });
  if (response.status !== 200) throw new Error(`GET ${path} answered ${response.status}`);
  return response.text();
}
