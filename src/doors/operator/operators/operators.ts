import { createRoute, z } from '@hono/zod-openapi';
import { isoOf, msOf } from '../../../base/clock.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { pageOf, pageQuery } from '../../../http/pagination.ts';
import { ProblemError } from '../../../http/problem.ts';
import { bodyProblems, operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { type DoorContext, partyOf } from '../../../http/request-context.ts';
import type { OperatorChange, OperatorRefusal } from '../../../operators/decide-change.ts';
import type { Actor, OperatorAccount } from '../../../operators/operator.ts';
import { freshToken } from '../../../operators/operator-store.ts';
import { type AuditedAct, audited, reasonHeader } from '../audited.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';
import { pageOfList } from '../page-of-list.ts';
import {
  expirySchema,
  operatorNameSchema,
  operatorReasonSchema,
  operatorRoleSchema,
  operatorSchema,
  operatorView,
  operatorWithTokenSchema,
} from './operator-schema.ts';

const nameParam = z.object({
  name: z
    .string()
    .max(64)
    .openapi({ description: 'Name', example: 'li.na', param: { name: 'name', in: 'path' } }),
});
const json = <S extends z.ZodType>(description: string, schema: S) => ({
  description,
  content: { 'application/json': { schema } } as { 'application/json': { schema: S } },
});
const tags = ['Operators'];

const listRoute = createRoute({
  method: 'get',
  path: '/admin/v1/operators',
  operationId: 'listOperators',
  tags,
  summary: 'List operators',
  description: 'All accounts by name, revoked ones too. The bootstrap operator is none of them. Roles: admin.',
  request: { query: z.strictObject(pageQuery) },
  responses: { 200: json('A page', pageOf(operatorSchema)), ...problemResponses(...operatorProblems) },
});

const createOperatorRoute = createRoute({
  method: 'post',
  path: '/admin/v1/operators',
  operationId: 'createOperator',
  tags,
  summary: 'Add an operator',
  description: 'The answer shows the token, once. 409 operator_exists for a name that was ever given. Roles: admin.',
  request: {
    headers: reasonHeader,
    body: jsonBody(
      z.strictObject({ name: operatorNameSchema, role: operatorRoleSchema, expires_at: expirySchema }),
      'Whom to add',
    ),
  },
  responses: {
    201: json('The account, with its token', operatorWithTokenSchema),
    ...problemResponses(...operatorProblems, ...bodyProblems, 'operator_exists'),
  },
});

const revokeRoute = createRoute({
  method: 'post',
  path: '/admin/v1/operators/{name}/revoke',
  operationId: 'revokeOperator',
  tags,
  summary: 'Revoke an operator',
  description:
    'Its token is refused at once, everywhere, and for ever. The last active admin is revoked by the bootstrap operator ' +
    'alone (409 last_admin). Safe to repeat. Roles: admin.',
  request: { params: nameParam, body: jsonBody(z.strictObject({ reason: operatorReasonSchema }), 'Why') },
  responses: {
    200: json('The account', operatorSchema),
    ...problemResponses(...operatorProblems, ...bodyProblems, 'not_found', 'last_admin'),
  },
});

const tokenRoute = createRoute({
  method: 'post',
  path: '/admin/v1/operators/{name}/token',
  operationId: 'reissueOperatorToken',
  tags,
  summary: 'Give an operator a new token',
  description: 'The answer shows it, once; the old one is refused at once. Roles: admin.',
  request: {
    params: nameParam,
    body: jsonBody(z.strictObject({ reason: operatorReasonSchema, expires_at: expirySchema }), 'Why'),
  },
  responses: {
    200: json('The account, with its new token', operatorWithTokenSchema),
    ...problemResponses(...operatorProblems, ...bodyProblems, 'not_found', 'operator_revoked'),
  },
});

type Deps = Pick<OperatorDeps, 'operators' | 'audit' | 'logger' | 'realClock'>;

/** `GET` and `POST /admin/v1/operators`, `POST …/{name}/revoke` and `…/{name}/token`. */
export function registerOperators(door: OperatorDoor, deps: Deps): void {
  const now = () => isoOf(deps.realClock.nowMs());

  door.openapi(listRoute, async (c) => {
    const views = (await deps.operators.list()).map((account) => operatorView(account, now()));
    return c.json(
      pageOfList(views, ({ name }) => name, c.req.valid('query')),
      200,
    );
  });

  door.openapi(createOperatorRoute, async (c) => {
    const { name, role, expires_at } = c.req.valid('json');
    const { token, sha256 } = freshToken();
    const change = { do: 'create', name, role, expiresAt: instant(expires_at) ?? null, tokenSha256: sha256 } as const;
    const account = await changed(c, deps, change, { action: 'operator.create' });
    return c.json({ ...operatorView(account, now()), token }, 201);
  });

  door.openapi(revokeRoute, async (c) => {
    const { name } = c.req.valid('param');
    const { reason } = c.req.valid('json');
    const account = await changed(c, deps, { do: 'revoke', name }, { action: 'operator.revoke', reason });
    return c.json(operatorView(account, now()), 200);
  });

  door.openapi(tokenRoute, async (c) => {
    const { name } = c.req.valid('param');
    const { reason, expires_at } = c.req.valid('json');
    const { token, sha256 } = freshToken();
    const change = { do: 'reissue', name, expiresAt: instant(expires_at), tokenSha256: sha256 } as const;
    const account = await changed(c, deps, change, { action: 'operator.reissue', reason });
    return c.json({ ...operatorView(account, now()), token }, 200);
  });
}

/**
 * Changes an account, audited.
 * @throws ProblemError for what may not be; a name that nobody has is not found before anything is announced
 */
async function changed(
  c: DoorContext<Actor>,
  deps: Deps,
  change: OperatorChange,
  what: Pick<AuditedAct<unknown>, 'action' | 'reason'>,
): Promise<OperatorAccount> {
  const { operators } = deps;
  const before = await operators.find(change.name);
  if (before === undefined && change.do !== 'create') throw problemOf('operator_unknown', change.name);
  const act = {
    ...what,
    object: { kind: 'operator', id: change.name },
    before: before === undefined ? null : auditView(before),
    after: auditView,
  };
  return audited(c, deps, act, async () => {
    const verdict = await operators.change(change, partyOf(c));
    if (!verdict.ok) throw problemOf(verdict.code, change.name);
    return verdict.account;
  });
}

function auditView({ role, expires_at, revoked_at, token_issued_at }: OperatorAccount) {
  return { role, expires_at, revoked_at, issued_at: token_issued_at };
}

function problemOf(code: OperatorRefusal, name: string): ProblemError {
  if (code === 'operator_unknown') return new ProblemError('not_found', `there is no operator ${name}`);
  if (code === 'operator_exists' || code === 'operator_revoked' || code === 'last_admin') return new ProblemError(code);
  const fault =
    code === 'expiry_past'
      ? { pointer: '/expires_at', message: 'lies in the past; give another one, or null' }
      : { pointer: '/name', message: 'is no name for an operator' };
  return new ProblemError('validation_failed', `${fault.pointer}: ${fault.message}`, {
    errors: [{ ...fault, code: 'invalid' }],
  });
}

/** In UTC with milliseconds: instants are compared as text. */
function instant(given: string | null | undefined): string | null | undefined {
  return typeof given === 'string' ? isoOf(msOf(given)) : given;
}
