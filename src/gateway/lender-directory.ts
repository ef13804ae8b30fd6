import type { Registry } from '../registry/registry.ts';
import type { Lender } from '../registry/schema/lender.ts';
import { sandboxKeyId, sandboxVerificationKey } from '../sandbox/sandbox-keys.ts';
import type { VerificationKey } from '../trust/import-key.ts';
import type { KeyDirectory } from '../trust/verify-request.ts';

/** The lenders' keys; in sandbox those of the lenders that the sandbox plays come first, so that nobody can publish over them. */
export function lenderDirectory(
  registry: { current(): Registry },
  lenderKeys: KeyDirectory<Lender>,
  sandboxSecret: Uint8Array | null,
): KeyDirectory<Lender> {
  if (sandboxSecret === null) return lenderKeys;
  const derived = new Map<string, VerificationKey>();
  return {
    find(keyId) {
      for (const lender of registry.current().lenders.values()) {
        if (lender.core !== 'sandbox' || sandboxKeyId(lender.id) !== keyId) continue;
        const key = derived.get(keyId) ?? sandboxVerificationKey(sandboxSecret, lender.id);
        derived.set(keyId, key);
        return { key, party: lender };
      }
      return lenderKeys.find(keyId);
    },
  };
}
