import { toHalfWidth } from './half-width.ts';

/** What `normaliseDeviceId` answers. */
export type NormalisedDeviceId =
  | { ok: true; value: string }
  | { ok: false; code: 'device_id_malformed' | 'device_id_blank'; message: string };

/**
 * Reads a device identifier (OAID, IDFA, Android id, IMEI, web id): trimmed, lower-case, 4 to 128 visible ASCII characters.
 * An identifier of zeros alone is refused: it is what iOS and Android hand out when tracking is denied, and everybody
 * who denied it would be one device.
 */
export function normaliseDeviceId(text: string): NormalisedDeviceId {
  const value = toHalfWidth(text).trim().toLowerCase();
  if (!/^[\x21-\x7e]{4,128}$/.test(value)) {
    return { ok: false, code: 'device_id_malformed', message: 'must be 4 to 128 visible ASCII characters' };
  }
  if (/^[0:-]+$/.test(value)) {
    return { ok: false, code: 'device_id_blank', message: 'is all zeros: the device refused to identify itself' };
  }
  return { ok: true, value };
}
