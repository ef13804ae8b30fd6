import { importSigningKey, type SigningKey } from '../../src/trust/import-key.ts';
import { writeVariant } from './registry-variant.ts';
import { shippedKey } from './signed-client.ts';

/** Three platforms that bring the same people. */
export const MIXED_PARTNERS = ['acme', 'summit', 'lantern'] as const;
export type MixedPartner = (typeof MIXED_PARTNERS)[number];

/** One product of each of two lenders. */
export const MIXED_PRODUCTS = ['quick-cash', 'wave-days'] as const;

/** Caps that are soon full: what is refused then has held claims until the last step, or a place under another cap. */
export const LANTERN_A_DAY = 10;
export const BLUEWAVE_A_DAY = 12;

const LANTERN_SECRET = Buffer.from('a secret that lantern and we share').toString('base64');
const UNHINDERED = { requests_per_second: 5_000, burst: 10_000 };

/**
 * Writes the shipped counterparties with lantern as a platform that signs with a shared secret, rates that nobody meets, and a
 * daily cap of each kind.
 * @param directory an empty folder, for `SLUICE_PARTNERS`
 */
export function writeMixedPartners(directory: string): void {
  writeVariant(directory, {
    'traffic/acme/partner.yaml': (file) => Object.assign(file.limits, UNHINDERED),
    'traffic/summit/partner.yaml': (file) => Object.assign(file.limits, UNHINDERED),
    'traffic/lantern/partner.yaml': (file) => {
      file.kind = 'platform';
      file.dialect = 'openapi';
      file.keys = [{ id: 'lantern-hmac', alg: 'hmac-sha256', secret: LANTERN_SECRET }];
      file.limits = { ...UNHINDERED, applications_per_day: LANTERN_A_DAY };
    },
    'lending/bluewave/lender.yaml': (file) => {
      file.caps = { applications_per_day: BLUEWAVE_A_DAY };
    },
  });
}

export function mixedKey(partnerId: MixedPartner): SigningKey {
  if (partnerId !== 'lantern') return shippedKey(partnerId);
  const read = importSigningKey({ id: 'lantern-hmac', alg: 'hmac-sha256', secretBase64: LANTERN_SECRET });
  if (!read.ok) throw new Error(read.detail);
  return read.key;
}
