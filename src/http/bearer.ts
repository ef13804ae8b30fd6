import { createHash, timingSafeEqual } from 'node:crypto';
import { type Actor, BOOTSTRAP, type OperatorRole } from '../operators/operator.ts';
import { fieldValue } from '../trust/field-lines.ts';
import type { Authenticator } from './authenticate.ts';
import { ProblemError } from './problem.ts';
import type { DoorContext } from './request-context.ts';
import { partyOf } from './request-context.ts';

export type { Actor, OperatorRole } from '../operators/operator.ts';

export interface BearerDeps {
  /** `SLUICE_ADMIN_TOKEN`: the bootstrap operator's. */
  readonly adminToken: string;
  /**
   * The operator that a token was issued to, by the token's SHA-256 in hex; the token itself is stored nowhere. Throws when
   * Redis cannot be asked: then nobody is let in but the bootstrap.
   */
  findOperator?(tokenSha256: string): Promise<Actor | undefined>;
}

/** Roles that an operation is for besides admins, by method and pattern; undefined = admins alone. */
export type AdmittedTo = (method: string, route: string) => readonly OperatorRole[] | 'any' | undefined;

const BEARER = /^Bearer +([\x21-\x7e]{1,512})$/i;

/**
 * `Authorization: Bearer <token>` (RFC 6750) of an operator. Tokens are compared as digests in constant time, or looked up
 * by digest, so no time tells how much of a guess was right. The role is looked at here, before anything of the request is
 * parsed.
 * @throws ProblemError 401 `unauthorized`, 403 `forbidden`
 */
export function operatorBearer(deps: BearerDeps, admittedTo: AdmittedTo): Authenticator<Actor> {
  return async (c, request) => {
    const token = BEARER.exec(fieldValue(request.fields, 'authorization') ?? '')?.[1];
    if (token === undefined) throw unauthorized();
    const digest = sha256(token);
    const actor = timingSafeEqual(digest, sha256(deps.adminToken))
      ? BOOTSTRAP
      : await deps.findOperator?.(digest.toString('hex'));
    if (actor === undefined) throw unauthorized();
    // HEAD asks for what GET would answer.
    const admitted = admittedTo(request.method === 'HEAD' ? 'GET' : request.method, c.get('request').route) ?? [];
    if (admitted !== 'any' && !mayAct(actor, admitted)) throw forbidden(actor, admitted);
    return { party: actor, label: actor.name };
  };
}

/**
 * The operator, when the role may do this; an admin may do everything.
 * @throws ProblemError 403 `forbidden`
 */
export function requireRole(c: DoorContext<Actor>, ...roles: readonly OperatorRole[]): Actor {
  const actor = partyOf(c);
  if (mayAct(actor, roles)) return actor;
  throw forbidden(actor, roles);
}

function mayAct({ role }: Actor, roles: readonly OperatorRole[]): boolean {
  return role === 'admin' || roles.includes(role);
}

function forbidden({ role }: Actor, roles: readonly OperatorRole[]): ProblemError {
  return new ProblemError('forbidden', `this needs the role ${[...roles, 'admin'].join(' or ')}; yours is ${role}`);
}

function unauthorized(): ProblemError {
  return new ProblemError('unauthorized', undefined, { headers: { 'WWW-Authenticate': 'Bearer realm="sluice"' } });
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
