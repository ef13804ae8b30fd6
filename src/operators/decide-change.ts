import {
  type Actor,
  BOOTSTRAP,
  OPERATOR_NAME,
  type OperatorAccount,
  type OperatorRole,
  statusOfOperator,
} from './operator.ts';

/** What somebody wants done to the accounts; `tokenSha256` is that of a token which nobody else has seen. */
export type OperatorChange =
  | {
      readonly do: 'create';
      readonly name: string;
      readonly role: OperatorRole;
      readonly expiresAt: string | null;
      readonly tokenSha256: string;
    }
  | { readonly do: 'revoke'; readonly name: string }
  /** `expiresAt` undefined leaves it as it is. */
  | {
      readonly do: 'reissue';
      readonly name: string;
      readonly expiresAt?: string | null | undefined;
      readonly tokenSha256: string;
    };

export type OperatorRefusal =
  | 'name_invalid'
  | 'operator_exists'
  | 'operator_unknown'
  | 'operator_revoked'
  | 'last_admin'
  | 'expiry_past';

export type ChangeVerdict =
  | { readonly ok: true; readonly account: OperatorAccount }
  | { readonly ok: false; readonly code: OperatorRefusal };

/**
 * What becomes of an account. A name is never given twice. The last active admin is revoked by the bootstrap alone, so that
 * no admin locks everybody else out; a revoked account stays revoked.
 * @param accounts all there are
 * @param now RFC 3339 UTC with milliseconds
 */
export function decideChange(
  accounts: readonly OperatorAccount[],
  change: OperatorChange,
  actor: Actor,
  now: string,
): ChangeVerdict {
  const found = accounts.find(({ name }) => name === change.name);
  if (change.do === 'create') return found === undefined ? create(change, actor, now) : refuse('operator_exists');
  if (found === undefined) return refuse('operator_unknown');
  return change.do === 'revoke' ? revoke(accounts, found, actor, now) : reissue(found, change, now);
}

function create(change: OperatorChange & { do: 'create' }, actor: Actor, now: string): ChangeVerdict {
  const { name, role, expiresAt, tokenSha256 } = change;
  if (!OPERATOR_NAME.test(name)) return refuse('name_invalid');
  if (name === BOOTSTRAP.name) return refuse('operator_exists');
  if (expiresAt !== null && expiresAt <= now) return refuse('expiry_past');
  return {
    ok: true,
    account: {
      name,
      role,
      created_at: now,
      created_by: actor.name,
      expires_at: expiresAt,
      token_sha256: tokenSha256,
      token_issued_at: now,
      revoked_at: null,
      revoked_by: null,
    },
  };
}

function revoke(
  accounts: readonly OperatorAccount[],
  found: OperatorAccount,
  actor: Actor,
  now: string,
): ChangeVerdict {
  if (found.revoked_at !== null) return { ok: true, account: found };
  const admins = accounts.filter((one) => one.role === 'admin' && statusOfOperator(one, now) === 'active');
  const isLast = admins.length === 1 && admins[0]?.name === found.name;
  if (isLast && actor.name !== BOOTSTRAP.name) return refuse('last_admin');
  return { ok: true, account: { ...found, token_sha256: null, revoked_at: now, revoked_by: actor.name } };
}

function reissue(found: OperatorAccount, change: OperatorChange & { do: 'reissue' }, now: string): ChangeVerdict {
  if (found.revoked_at !== null) return refuse('operator_revoked');
  const expiresAt = change.expiresAt === undefined ? found.expires_at : change.expiresAt;
  if (expiresAt !== null && expiresAt <= now) return refuse('expiry_past');
  return {
    ok: true,
    account: { ...found, expires_at: expiresAt, token_sha256: change.tokenSha256, token_issued_at: now },
  };
}

function refuse(code: OperatorRefusal): ChangeVerdict {
  return { ok: false, code };
}
