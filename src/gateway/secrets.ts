import { ConfigError } from '../config.ts';
import { type AccessObserver, createSealer, type Sealer, type SealingKey } from '../identity/seal.ts';
import { createFrameSealer, type FrameSealer } from '../identity/seal-frames.ts';
import { parseSealingKeys } from '../identity/seal-keys.ts';
import { createTokenizer, type Tokenizer } from '../identity/token.ts';
import { deriveKey } from '../trust/derive-key.ts';

const DERIVED_KEY_ID = 's1';

/** Everything that is derived from the root secret; losing it loses sealed data and every token. */
export interface Secrets {
  readonly root: Uint8Array;
  readonly tokenizer: Tokenizer;
  readonly sealer: Sealer;
  /** The same ring of keys, for files. */
  readonly frames: FrameSealer;
  readonly fingerprintKey: Uint8Array;
}

export interface SecretSettings {
  readonly rootSecret: Uint8Array;
  /** `SLUICE_SEALING_KEYS`; null = the derived key alone. */
  readonly sealingKeys: string | null;
  readonly onAccess: AccessObserver;
}

/** @throws ConfigError when the sealing keys cannot be read */
export function deriveSecrets({ rootSecret: root, sealingKeys, onAccess }: SecretSettings): Secrets {
  const keys = sealingRing(root, sealingKeys);
  const activeId = keys[0]?.id ?? DERIVED_KEY_ID;
  return {
    root,
    tokenizer: createTokenizer(deriveKey(root, 'pepper')),
    sealer: createSealer({ keys, activeId, onAccess }),
    frames: createFrameSealer({ keys, activeId, onAccess }),
    fingerprintKey: deriveKey(root, 'fingerprint'),
  };
}

/** The key that seals comes first. The derived one always opens: what it has sealed may lie about for years. */
function sealingRing(root: Uint8Array, given: string | null): readonly SealingKey[] {
  const derived = { id: DERIVED_KEY_ID, key: deriveKey(root, `seal/${DERIVED_KEY_ID}`) };
  if (given === null) return [derived];
  const parsed = parseSealingKeys(given, DERIVED_KEY_ID);
  if (!parsed.ok) throw new ConfigError(`bad settings\n  SLUICE_SEALING_KEYS: ${parsed.message}`);
  return [...parsed.keys, derived];
}
