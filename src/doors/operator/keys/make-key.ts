import { createRoute, z } from '@hono/zod-openapi';
import { isoOf, msOf } from '../../../base/clock.ts';
import { requireRole } from '../../../http/bearer.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { bodyProblems, operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { addLogFields } from '../../../http/request-context.ts';
import { makeKeyId, type Validity } from '../../../keys/key-desk.ts';
import { keyAlgorithms } from '../../../trust/key-algorithm.ts';
import { audited } from '../audited.ts';
import type { OperatorDoor } from '../operator-deps.ts';
import { doneOrProblem, type KeyDeps, keyAct } from './key-act.ts';
import {
  issuedKeySchema,
  keyIdSchema,
  keySchema,
  partySchema,
  publicKeySchema,
  reasonSchema,
  validitySchema,
} from './key-schema.ts';
import { keyView } from './key-view.ts';

const common = { party: partySchema, id: keyIdSchema.optional(), ...validitySchema, reason: reasonSchema };

const addRoute = createRoute({
  method: 'post',
  path: '/admin/v1/keys',
  operationId: 'addKey',
  tags: ['Keys'],
  summary: 'Add a public key',
  description:
    'The counterparty may sign with it at once, in every process, beside the keys that it has. 422 key_weak for RSA under ' +
    '2048 bits, other curves than P-256 and the like. Roles: admin.',
  request: {
    body: jsonBody(
      z.strictObject({
        ...common,
        alg: z
          .enum(keyAlgorithms)
          .exclude(['hmac-sha256'])
          .openapi({ description: 'Algorithm that it is for', example: 'ed25519' }),
        ...publicKeySchema,
      }),
      'The key and whose it is',
    ),
  },
  responses: {
    201: { description: 'The key', content: { 'application/json': { schema: keySchema } } },
    ...problemResponses(...operatorProblems, ...bodyProblems, 'key_weak', 'key_id_taken'),
  },
});

const issueRoute = createRoute({
  method: 'post',
  path: '/admin/v1/keys/issue',
  operationId: 'issueKey',
  tags: ['Keys'],
  summary: 'Issue a shared secret',
  description:
    'Makes a secret for hmac-sha256, shows it this once, and keeps it sealed. The counterparty may sign with it at once. ' +
    'Whoever can make a key pair should: see addKey. Roles: admin.',
  request: { body: jsonBody(z.strictObject(common), 'Whose it is') },
  responses: {
    201: { description: 'The key and its secret', content: { 'application/json': { schema: issuedKeySchema } } },
    ...problemResponses(...operatorProblems, ...bodyProblems, 'key_id_taken'),
  },
});

/** `POST /admin/v1/keys` and `POST /admin/v1/keys/issue`. */
export function registerMakeKey(door: OperatorDoor, deps: KeyDeps): void {
  const { keyDesk, realClock } = deps;
  door.openapi(addRoute, async (c) => {
    requireRole(c);
    const { party, alg, jwk, pem, reason, ...body } = c.req.valid('json');
    const id = body.id ?? makeKeyId(party.id, alg);
    addLogFields(c, { key: id });
    const { key } = await audited(c, deps, keyAct('key.add', { id, reason }, realClock.nowMs()), async () => {
      const outcome = await keyDesk.add(id, party, alg, { jwk, pem }, validityOf(body));
      return doneOrProblem(outcome, pem === undefined ? '/jwk' : '/pem');
    });
    return c.json(await keyView(key, realClock.nowMs()), 201);
  });

  door.openapi(issueRoute, async (c) => {
    requireRole(c);
    const { party, reason, ...body } = c.req.valid('json');
    const id = body.id ?? makeKeyId(party.id, 'hmac-sha256');
    addLogFields(c, { key: id });
    const issue = async () => doneOrProblem(await keyDesk.issue(id, party, validityOf(body)), '');
    const { key, secret } = await audited(c, deps, keyAct('key.issue', { id, reason }, realClock.nowMs()), issue);
    return c.json({ key: await keyView(key, realClock.nowMs()), secret }, 201);
  });
}

/** Kept as text that sorts: UTC with milliseconds. */
function validityOf(body: { not_before?: string | undefined; not_after?: string | undefined }): Validity {
  const utc = (instant: string | undefined) => (instant === undefined ? undefined : isoOf(msOf(instant)));
  return { notBefore: utc(body.not_before), notAfter: utc(body.not_after) };
}
