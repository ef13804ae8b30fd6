import { isKeyCurrent } from '../import-key.ts';
import type { KeyDirectory } from '../verify-request.ts';

const ALPHABET = [...'abcdefghijklmnopqrstuvwxyz0123456789-_.'];
/** Ids that people mistype are short; the number of lookups grows with the length. */
const MAX_LENGTH = 64;

/**
 * The id of a key that is valid now and is one slip away from `keyId`: a character wrong, missing, too many or swapped with its
 * neighbour, or capitals. Nothing further away is told, so that the ids of others cannot be listed by asking.
 */
export function nearestKeyId(keyId: string, keys: KeyDirectory<unknown>, nowSeconds: number): string | undefined {
  if (keyId.length > MAX_LENGTH) return undefined;
  for (const candidate of slips(keyId)) {
    const found = candidate === keyId ? undefined : keys.find(candidate);
    if (found !== undefined && isKeyCurrent(found.key, nowSeconds)) return candidate;
  }
  return undefined;
}

function* slips(id: string): Generator<string> {
  yield id.toLowerCase();
  yield id.trim();
  for (let i = 0; i <= id.length; i += 1) {
    const before = id.slice(0, i);
    const after = id.slice(i + 1);
    yield before + after;
    yield `${before}${id[i + 1] ?? ''}${id[i] ?? ''}${id.slice(i + 2)}`;
    for (const character of ALPHABET) {
      yield before + character + after;
      yield before + character + id.slice(i);
    }
  }
}
