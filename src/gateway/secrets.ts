import { createSealer, type Sealer } from '../identity/seal.ts';
import { createTokenizer, type Tokenizer } from '../identity/token.ts';
import { deriveKey } from '../trust/derive-key.ts';
import { deriveOurKey, type OurKey } from '../trust/our-keys.ts';

const SEALING_KEY_ID = 's1';

/** Everything that is derived from the root secret; losing it loses sealed data and every token. */
export interface Secrets {
  readonly root: Uint8Array;
  readonly tokenizer: Tokenizer;
  readonly sealer: Sealer;
  readonly fingerprintKey: Uint8Array;
  readonly ourKey: OurKey;
}

export function deriveSecrets(root: Uint8Array): Secrets {
  return {
    root,
    tokenizer: createTokenizer(deriveKey(root, 'pepper')),
    sealer: createSealer({
      keys: [{ id: SEALING_KEY_ID, key: deriveKey(root, `seal/${SEALING_KEY_ID}`) }],
      activeId: SEALING_KEY_ID,
    }),
    fingerprintKey: deriveKey(root, 'fingerprint'),
    ourKey: deriveOurKey(root),
  };
}
