import type { CommissionDraft } from './commission-draft.ts';
import type { LedgerBatch } from './ledger-batch.ts';
import type { ContractTerms } from './terms.ts';
import { UnsupportedTerms } from './unsupported-terms.ts';

/**
 * The versions that priced these drafts, each once. Another process may still work with, or have just read, other content
 * under the same id: whoever prices first decides what the id means, and nothing is ever booked under two meanings.
 * @param priced fingerprints by terms id as the ledger and the batch so far have them
 * Throws UnsupportedTerms when a version is not what has priced before; nothing may be booked then.
 */
export function pricingVersions(
  drafts: readonly CommissionDraft[],
  contracts: readonly ContractTerms[],
  priced: (termsId: string) => string | undefined,
): ContractTerms[] {
  const ids = new Set(drafts.map(({ termsId }) => termsId));
  const versions = contracts.filter(({ id }) => ids.has(id));
  for (const version of versions) assertUnchanged(version, priced(version.id));
  return versions;
}

/** Throws UnsupportedTerms when the version has priced with other content. */
export function assertUnchanged({ id, fingerprint }: ContractTerms, priced: string | undefined): void {
  if (fingerprint === undefined || priced === undefined || fingerprint === priced) return;
  throw new UnsupportedTerms(
    'terms_changed',
    id,
    null,
    'has priced commissions with other content; put it back as it was, and add a version with a new id',
  );
}

/** Fingerprint under which a version has priced: as read, or by what the batch adds. */
export function pricedIn(
  batch: LedgerBatch,
  stored: ReadonlyMap<string, string>,
): (termsId: string) => string | undefined {
  return (termsId) => stored.get(termsId) ?? batch.keptTerms.get(termsId);
}
