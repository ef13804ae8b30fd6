/** What an operator may do: see the table of the operator door. An admin may do everything. */
export type OperatorRole = 'admin' | 'finance' | 'risk' | 'support';

export const OPERATOR_ROLES: readonly OperatorRole[] = ['admin', 'finance', 'risk', 'support'];

/** An operator who acts: what audit entries name. */
export interface Actor {
  readonly name: string;
  readonly role: OperatorRole;
}

/** Whoever has `SLUICE_ADMIN_TOKEN`: in no list, never revoked, and there before any account. */
export const BOOTSTRAP: Actor = { name: 'bootstrap', role: 'admin' };

/** A name is given once and never again, so that old audit entries keep their meaning. */
export const OPERATOR_NAME = /^[a-z][a-z0-9._-]{1,31}$/;

/** An account as stored. Instants in RFC 3339, real time. */
export interface OperatorAccount extends Actor {
  readonly created_at: string;
  readonly created_by: string;
  /** From then on its token is refused; null = never. */
  readonly expires_at: string | null;
  /** SHA-256 (hex) of its one token; null once it is revoked. The token itself is stored nowhere. */
  readonly token_sha256: string | null;
  readonly token_issued_at: string;
  readonly revoked_at: string | null;
  readonly revoked_by: string | null;
}

export type OperatorStatus = 'active' | 'expired' | 'revoked';

/** @param now RFC 3339 UTC with milliseconds */
export function statusOfOperator(account: OperatorAccount, now: string): OperatorStatus {
  if (account.revoked_at !== null) return 'revoked';
  return account.expires_at !== null && account.expires_at <= now ? 'expired' : 'active';
}
