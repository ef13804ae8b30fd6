import { lenderKeys } from '../http/party-keys.ts';
import type { Registry } from '../registry/registry.ts';
import type { Lender } from '../registry/schema/lender.ts';
import { sandboxKeyId, sandboxVerificationKey } from '../sandbox/sandbox-keys.ts';
import type { VerificationKey } from '../trust/import-key.ts';
import type { KeyDirectory } from '../trust/verify-request.ts';

/** Lenders' keys from their files; in sandbox also the keys of the lenders that the sandbox plays. */
export function lenderDirectory(
  registry: { current(): Registry },
  sandboxSecret: Uint8Array | null,
): KeyDirectory<Lender> {
  const fromFiles = lenderKeys(registry);
  if (sandboxSecret === null) return fromFiles;
  const derived = new Map<string, VerificationKey>();
  return {
    find(keyId) {
      const known = fromFiles.find(keyId);
      if (known) return known;
      for (const lender of registry.current().lenders.values()) {
        if (lender.core !== 'sandbox' || sandboxKeyId(lender.id) !== keyId) continue;
        const key = derived.get(keyId) ?? sandboxVerificationKey(sandboxSecret, lender.id);
        derived.set(keyId, key);
        return { key, party: lender };
      }
      return undefined;
    },
  };
}
