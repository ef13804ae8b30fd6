import type { Token, TokenForm } from '../../identity/token.ts';

export const LIST_NAMES = ['block', 'trust', 'customer'] as const;
export type ListName = (typeof LIST_NAMES)[number];

export const LIST_REASONS = [
  'overdue',
  'fraud',
  'device_unidentified',
  'region',
  'contacts',
  'litigation',
  'deceased',
  'good_standing',
  'other',
] as const;
export type ListReason = (typeof LIST_REASONS)[number];

export const CUSTOMER_STATUSES = ['registered', 'in_progress', 'has_credit', 'has_loan', 'settled', 'refused'] as const;
export type CustomerStatus = (typeof CUSTOMER_STATUSES)[number];

/** What an entry may be about. `phone_id` is the hash of phone and id number, for those who know a person by that alone. */
export const LIST_KINDS = ['phone', 'id_number', 'phone_id', 'bank_card', 'device_id', 'ip', 'region'] as const;
export type ListKind = (typeof LIST_KINDS)[number];

/** Whose applications see an entry. */
export type ListScope = 'network' | `funder:${string}` | `lender:${string}` | `partner:${string}`;

/** Who put an entry there and may take it away. `operator`: a person or a bulk import; `gateway`: a rule of ours. */
export type Contributor = 'operator' | 'gateway' | `lender:${string}` | `partner:${string}`;

export type EntryState = 'active' | 'suspended' | 'withdrawn' | 'expired';

/** One token under which entries can be found. */
export interface ListToken {
  readonly kind: ListKind;
  readonly form: TokenForm;
  readonly token: Token;
}

const PARTY = '[a-z][a-z0-9-]{1,31}';
export const SCOPE_PATTERN = new RegExp(`^(network|(funder|lender|partner):${PARTY})$`);
export const CONTRIBUTOR_PATTERN = new RegExp(`^(operator|gateway|(lender|partner):${PARTY})$`);

export function isListScope(text: string): text is ListScope {
  return SCOPE_PATTERN.test(text);
}

export function isContributor(text: string): text is Contributor {
  return CONTRIBUTOR_PATTERN.test(text);
}

/** `funder:harbour` → `{ role: 'funder', party: 'harbour' }`; a name without a party (`network`, `operator`) has none. */
export function partsOf(name: ListScope | Contributor): { readonly role: string; readonly party: string | null } {
  const colon = name.indexOf(':');
  return colon < 0 ? { role: name, party: null } : { role: name.slice(0, colon), party: name.slice(colon + 1) };
}
