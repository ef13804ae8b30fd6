import type { Application } from '../applications/model.ts';
import type { ApplicationStore } from '../applications/store.ts';
import { derivedId, isId } from '../base/ids.ts';
import { isFunder } from '../base/ledger-party.ts';
import type { AttributionCandidate } from '../base/verdict.ts';
import type { RefFacts, RefLookup } from '../revenue/reconciliation/known-refs.ts';
import type { Explanation } from '../revenue/reconciliation/matching/reconciled-row.ts';

/** What it is looked up in. */
export interface ReferenceSources {
  readonly store: Pick<ApplicationStore, 'load' | 'findReference' | 'applicationOfLoan'>;
  readonly lenders: () => Iterable<string>;
}

const NOTHING: RefFacts = { applicationId: null, fact: null };
const OUTSIDE: ReadonlySet<string> = new Set(['below_lookback', 'above_lookback', 'later_than_arrival']);

/**
 * Finds applications by what a counterparty calls them. A partner learns only of applications that it has had to do with: it
 * submitted them, earns by them, or had a contact that was weighed; who else earns is told to nobody.
 */
export function referenceLookup({ store, lenders }: ReferenceSources): RefLookup {
  const applicationOf = async (partyId: string, kind: string, ref: string): Promise<Application | undefined> => {
    if (kind === 'application_id') return isId('app', ref) ? (await store.load(ref))?.application : undefined;
    if (kind === 'partner_ref') return (await store.load(derivedId('app', partyId, ref)))?.application;
    for (const lenderId of lenders()) {
      const named = await store.findReference(lenderId, ref);
      const id = named !== undefined && isId('loan', named) ? await store.applicationOfLoan(named) : named;
      const found = id === undefined ? undefined : await store.load(id);
      if (found !== undefined) return found.application;
    }
    return undefined;
  };
  return {
    async find(partyId, kind, ref) {
      const application = await applicationOf(partyId, kind, ref);
      if (application === undefined) return NOTHING;
      if (isFunder(partyId)) return { applicationId: application.id, fact: disbursalOf(application) };
      const own = application.attribution.candidates.filter(({ partner_id }) => partner_id === partyId);
      const isKnown =
        application.owner_id === partyId || application.attribution.partner_id === partyId || own.length > 0;
      return isKnown ? { applicationId: application.id, fact: factOf(application, partyId, own) } : NOTHING;
    },
  };
}

/** Why an application earned a partner nothing, as far as the application says. */
function factOf(application: Application, partyId: string, own: readonly AttributionCandidate[]): Explanation | null {
  const { attribution, status } = application;
  if (status === 'refused') return 'refused';
  if (attribution.partner_id === partyId) return disbursalOf(application);
  if (own.length > 0 && own.every(({ why }) => OUTSIDE.has(why))) return 'outside_window';
  return attribution.partner_id === null ? 'direct' : 'attributed_elsewhere';
}

function disbursalOf({ loans }: Application): Explanation | null {
  return loans.some(({ disbursed_at }) => disbursed_at !== null) ? null : 'not_disbursed';
}
