import { funderOf } from '../base/ledger-party.ts';
import type { RedisClient } from '../redis/connection.ts';
import { isUnavailable } from '../redis/is-unavailable.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import type { PricedTermsSource } from '../registry/load-registry.ts';
import { termsKey } from '../registry/validate-terms.ts';
import { LedgerReader } from '../revenue/ledger-reader.ts';

/**
 * The terms that have priced a commission, out of the ledgers. While Redis is away what was last read stands in, so that
 * files can be changed then too: the ledger itself refuses to price under changed content.
 */
export function pricedTermsSource(client: RedisClient, keys: Keyspace): PricedTermsSource {
  const ledger = new LedgerReader(client, keys);
  let known: ReadonlyMap<string, string> | undefined;
  return async (partyIds) => {
    try {
      const priced = await Promise.all(partyIds.map((id) => ledger.pricedTerms(id)));
      known = new Map(
        priced.flatMap((versions, index) =>
          [...versions].map(
            ([termsId, fingerprint]) => [termsKey(holderOf(partyIds[index] ?? ''), termsId), fingerprint] as const,
          ),
        ),
      );
      return known;
    } catch (error) {
      if (known === undefined || !isUnavailable(error)) throw error;
      return known;
    }
  };
}

/** Files know a funder by its id; no partner has the same. */
function holderOf(partyId: string): string {
  return funderOf(partyId) ?? partyId;
}
