import { importVerificationKey, type VerificationKey } from '../trust/import-key.ts';
import type { SetOptions } from './counterparty-set.ts';
import { asKeySpec } from './schema/entry-links.ts';
import type { TrafficPartner } from './schema/traffic-partner.ts';
import { resolveKey } from './validate-keys.ts';

/** How the addresses of a partner's links are judged; there is none for a partner that does not sign them. */
export interface EntryPolicy {
  readonly mode: 'report_only' | 'enforce';
  readonly maxAgeSeconds: number;
  /** By key id, with their secrets. Keys whose secret variable is absent are left out. */
  readonly keys: ReadonlyMap<string, VerificationKey>;
}

/** The policy of a partner, with its secrets looked up; undefined when its links need no signature. */
export function entryPolicyOf(
  { entry_links: { mode, max_age_seconds: maxAgeSeconds, keys } }: TrafficPartner,
  variables: SetOptions['variables'],
): EntryPolicy | undefined {
  if (mode === 'off') return undefined;
  const read = keys.flatMap((written): [string, VerificationKey][] => {
    const spec = resolveKey(asKeySpec(written), variables);
    const imported = spec === null ? null : importVerificationKey(spec);
    return imported?.ok ? [[written.id, imported.key]] : [];
  });
  return { mode, maxAgeSeconds, keys: new Map(read) };
}
