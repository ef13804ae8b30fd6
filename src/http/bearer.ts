import { createHash, timingSafeEqual } from 'node:crypto';
import { fieldValue } from '../trust/field-lines.ts';
import type { Authenticator } from './authenticate.ts';
import { ProblemError } from './problem.ts';
import type { DoorContext } from './request-context.ts';
import { partyOf } from './request-context.ts';

export type OperatorRole = 'admin' | 'finance' | 'risk' | 'support';

/** An operator who acts: what audit entries name. */
export interface Actor {
  readonly name: string;
  readonly role: OperatorRole;
}

export interface BearerDeps {
  /** `SLUICE_ADMIN_TOKEN`: the bootstrap operator's. */
  readonly adminToken: string;
  /** The operator that a token was issued to, by the token's SHA-256 in hex; the token itself is stored nowhere. */
  findOperator?(tokenSha256: string): Promise<Actor | undefined>;
}

const BOOTSTRAP: Actor = { name: 'bootstrap', role: 'admin' };
const BEARER = /^Bearer +([\x21-\x7e]{1,512})$/i;

/**
 * `Authorization: Bearer <token>` (RFC 6750) of an operator. Tokens are compared as digests in constant time, or looked up
 * by digest, so no time tells how much of a guess was right.
 * @throws ProblemError 401 `unauthorized`
 */
export function operatorBearer(deps: BearerDeps): Authenticator<Actor> {
  return async (_c, request) => {
    const token = BEARER.exec(fieldValue(request.fields, 'authorization') ?? '')?.[1];
    if (token === undefined) throw unauthorized();
    const digest = sha256(token);
    const actor = timingSafeEqual(digest, sha256(deps.adminToken))
      ? BOOTSTRAP
      : await deps.findOperator?.(digest.toString('hex'));
    if (actor === undefined) throw unauthorized();
    return { party: actor, label: actor.name };
  };
}

/**
 * The operator, when the role may do this; an admin may do everything.
 * @throws ProblemError 403 `forbidden`
 */
export function requireRole(c: DoorContext<Actor>, ...roles: readonly OperatorRole[]): Actor {
  const actor = partyOf(c);
  if (actor.role === 'admin' || roles.includes(actor.role)) return actor;
  throw new ProblemError(
    'forbidden',
    `this needs the role ${[...roles, 'admin'].join(' or ')}; yours is ${actor.role}`,
  );
}

function unauthorized(): ProblemError {
  return new ProblemError('unauthorized', undefined, { headers: { 'WWW-Authenticate': 'Bearer realm="sluice"' } });
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
