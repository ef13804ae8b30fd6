/**
 * The accounts that vouchers speak of: those of a partner's ledger, and what they are called where a funder owes us, which is
 * the same ledger with debit and credit turned.
 */
export const PARTNER_ACCOUNTS = [
  'expense',
  'clawback',
  'adjustment',
  'provision',
  'pending',
  'stated',
  'tax',
  'withheld',
  'paid',
] as const;
export type PartnerAccount = (typeof PARTNER_ACCOUNTS)[number];

const FUNDER_NAMES = {
  expense: 'income',
  clawback: 'income_clawback',
  adjustment: 'income_adjustment',
  provision: 'income_provision',
  pending: 'income_pending',
  stated: 'receivable',
  tax: 'output_tax',
  withheld: 'income_withheld',
  paid: 'received',
} as const satisfies Record<PartnerAccount, string>;

export type JournalAccount = PartnerAccount | (typeof FUNDER_NAMES)[PartnerAccount];

/** Codes of an accounting system, as operator.yaml names them. */
export type AccountCodes = Readonly<Partial<Record<JournalAccount, string | undefined>>>;

/** What has no code of its own is booked on that of another. */
const FALLBACK: Readonly<Partial<Record<JournalAccount, JournalAccount>>> = {
  clawback: 'expense',
  adjustment: 'expense',
  provision: 'expense',
  income_clawback: 'income',
  income_adjustment: 'income',
  income_provision: 'income',
  received: 'paid',
};

/** The account as a voucher of this side names it. */
export function journalAccount(account: PartnerAccount, isFunder: boolean): JournalAccount {
  return isFunder ? FUNDER_NAMES[account] : account;
}

/** Its code, or its own name where none is given. */
export function codeOf(account: JournalAccount, codes: AccountCodes): string {
  const fallback = FALLBACK[account];
  return codes[account] ?? (fallback === undefined ? undefined : codes[fallback]) ?? account;
}
