/**
 * Who has a ledger: a traffic partner under its own id (what we owe it), a funder under `funder:<id>` (what it owes us). Ids
 * of partners hold no colon, so the two never meet.
 */
const FUNDER_PREFIX = 'funder:';

/** The id under which a funder's ledger is kept. */
export function funderParty(funderId: string): string {
  return FUNDER_PREFIX + funderId;
}

/** The funder whose ledger goes by this id, null for a partner's. */
export function funderOf(partyId: string): string | null {
  return partyId.startsWith(FUNDER_PREFIX) ? partyId.slice(FUNDER_PREFIX.length) : null;
}

/** Whether money of this ledger is owed to us, not by us. */
export function isFunder(partyId: string): boolean {
  return partyId.startsWith(FUNDER_PREFIX);
}
