import type { SealingKey } from './seal.ts';

/** Keys of a ring as a setting gives them; the first one seals. */
export type ParsedSealingKeys =
  | { readonly ok: true; readonly keys: readonly SealingKey[] }
  /** What is wrong, without the keys themselves. */
  | { readonly ok: false; readonly message: string };

const KEY_BYTES = 32;
const KEY_ID = /^[A-Za-z0-9_-]{1,64}$/;
/** Either alphabet, with or without padding. */
const BASE64 = /^[A-Za-z0-9+/_-]{43}=?$/;

/**
 * Reads `id:base64(32 bytes)` entries, separated by commas.
 * @param derivedId id of the key that every ring has: it cannot be given other bytes
 */
export function parseSealingKeys(text: string, derivedId: string): ParsedSealingKeys {
  const keys: SealingKey[] = [];
  for (const [index, entry] of text.split(',').entries()) {
    const where = `key ${index + 1}`;
    const [, id = '', encoded = ''] = /^([^:]*):(.*)$/.exec(entry.trim()) ?? [];
    if (!KEY_ID.test(id)) return fault(`${where}: must be id:base64, the id 1 to 64 letters, digits, - and _`);
    if (id === derivedId) return fault(`${where}: ${id} is the key derived from SLUICE_SECRET; choose another id`);
    if (keys.some((key) => key.id === id)) return fault(`${where}: ${id} is given twice`);
    const key = Buffer.from(encoded, 'base64');
    if (!BASE64.test(encoded) || key.length !== KEY_BYTES)
      return fault(`${where} (${id}): must be base64 of ${KEY_BYTES} bytes`);
    keys.push({ id, key });
  }
  return { ok: true, keys };
}

function fault(message: string): ParsedSealingKeys {
  return { ok: false, message };
}
