import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Signs an address for whoever shares the secret: hex HMAC-SHA256(secret, ts + "." + the address with an empty `sig`).
 * @param address absolute; its own query is kept, `ts` and `sig` come last
 * @param tsSeconds real time
 */
export function signAddress(address: string, secret: Uint8Array, tsSeconds: number): string {
  const hash = address.indexOf('#');
  const [base, fragment] = hash < 0 ? [address, ''] : [address.slice(0, hash), address.slice(hash)];
  const unsigned = `${base}${base.includes('?') ? '&' : '?'}ts=${tsSeconds}&sig=`;
  const mac = createHmac('sha256', secret).update(`${tsSeconds}.${unsigned}`).digest('hex');
  return `${unsigned}${mac}${fragment}`;
}

/** A short proof that an id in an address of ours was put there by us. */
export function macOf(key: Uint8Array, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url').slice(0, 22);
}

/** Checks such a proof. */
export function isMacOf(key: Uint8Array, text: string, mac: string): boolean {
  const [expected, given] = [Buffer.from(macOf(key, text)), Buffer.from(mac)];
  return expected.length === given.length && timingSafeEqual(expected, given);
}
