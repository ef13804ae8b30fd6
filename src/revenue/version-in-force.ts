import { startOfLocalDay } from './calendar.ts';
import type { MoneyEvent } from './money-event.ts';
import type { ContractTerms } from './terms.ts';
import { UnsupportedTerms } from './unsupported-terms.ts';

/** Before there is an application nothing can be pinned. */
const ALWAYS_BY_EVENT: readonly string[] = ['click', 'applicant.registered'];

/** The version of one contract in force at an instant, null before its first day. */
export function versionInForce(versions: readonly ContractTerms[], instantMs: number): ContractTerms | null {
  let found: ContractTerms | null = null;
  let foundFrom = Number.NEGATIVE_INFINITY;
  for (const version of versions) {
    const from = startsAtMs(version);
    if (from <= instantMs && from >= foundFrom) {
      found = version;
      foundFrom = from;
    }
  }
  return found;
}

/** Remembered by version: versions never change, and time zones are slow to ask. */
const starts = new WeakMap<ContractTerms, number>();

function startsAtMs(version: ContractTerms): number {
  const known = starts.get(version);
  if (known !== undefined) return known;
  const start = startOfLocalDay(version.from, version.timezone);
  starts.set(version, start);
  return start;
}

/**
 * The version that prices an event. With `price_at: application` it is the one pinned at acceptance; an application
 * without a pin for this contract falls back to the version then in force. Otherwise the one in force when the event
 * occurred. null when the contract had not begun. Throws UnsupportedTerms when the pinned version is not among them.
 */
export function versionFor(versions: readonly ContractTerms[], event: MoneyEvent): ContractTerms | null {
  const atEvent = versionInForce(versions, event.occurredAtMs);
  const { application } = event;
  const contract = versions[0]?.contract;
  if (application === null || contract === undefined || ALWAYS_BY_EVENT.includes(event.type)) return atEvent;
  const pin = application.pins[contract];
  const atAcceptance =
    pin === undefined ? versionInForce(versions, application.acceptedAtMs) : termsById(versions, pin, null);
  if (atAcceptance === null) return atEvent?.price_at === 'event' ? atEvent : null;
  return atAcceptance.price_at === 'application' ? atAcceptance : atEvent;
}

/** Versions grouped by contract, in order of first appearance. */
export function byContract(contracts: readonly ContractTerms[]): ContractTerms[][] {
  const groups = new Map<string, ContractTerms[]>();
  for (const terms of contracts) {
    const group = groups.get(terms.contract);
    if (group === undefined) groups.set(terms.contract, [terms]);
    else group.push(terms);
  }
  return [...groups.values()];
}

/** A version by id. Throws UnsupportedTerms when it is not loaded: what it earned cannot be priced without it. */
export function termsById(versions: readonly ContractTerms[], id: string, rule: string | null): ContractTerms {
  const terms = versions.find((version) => version.id === id);
  if (terms === undefined) {
    throw new UnsupportedTerms('terms_unknown', id, rule, 'not loaded; put the version back into its file');
  }
  return terms;
}
