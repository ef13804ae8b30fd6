import { createRoute, z } from '@hono/zod-openapi';
import { requireRole } from '../../../http/bearer.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { ProblemError } from '../../../http/problem.ts';
import { bodyProblems, operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { addLogFields } from '../../../http/request-context.ts';
import { makeKeyId } from '../../../keys/key-desk.ts';
import type { KnownKey } from '../../../keys/known-keys.ts';
import { audited } from '../audited.ts';
import type { OperatorDoor } from '../operator-deps.ts';
import { doneOrProblem, type KeyDeps, keyAct } from './key-act.ts';
import { keyIdSchema, keyParam, keySchema, publicKeySchema, reasonSchema, rotatedKeySchema } from './key-schema.ts';
import { keyView } from './key-view.ts';

const OVERLAP_HOURS_MAX = 720;
const OVERLAP_HOURS_DEFAULT = 24;

const rotateRoute = createRoute({
  method: 'post',
  path: '/admin/v1/keys/{id}/rotate',
  operationId: 'rotateKey',
  tags: ['Keys'],
  summary: 'Replace a key',
  description:
    'Adds the new public key, or issues a new secret, and lets the old key end after the overlap; in between both verify, ' +
    'and answers to the old one warn with key_retiring. 409 rotation_open while the old key of an earlier rotation is ' +
    'still good. Roles: admin.',
  request: {
    params: keyParam,
    body: jsonBody(
      z.strictObject({
        id: keyIdSchema.optional(),
        overlap_hours: z
          .int()
          .min(0)
          .max(OVERLAP_HOURS_MAX)
          .default(OVERLAP_HOURS_DEFAULT)
          .openapi({ description: 'Hours for which the old key stays good; 0 = not at all', example: 24 }),
        ...publicKeySchema,
        reason: reasonSchema,
      }),
      'The new public key; nothing of it for a shared secret',
    ),
  },
  responses: {
    201: { description: 'The new key', content: { 'application/json': { schema: rotatedKeySchema } } },
    ...problemResponses(
      ...operatorProblems,
      ...bodyProblems,
      'not_found',
      'key_weak',
      'key_id_taken',
      'rotation_open',
      'key_ended',
    ),
  },
});

const revokeRoute = createRoute({
  method: 'post',
  path: '/admin/v1/keys/{id}/revoke',
  operationId: 'revokeKey',
  tags: ['Keys'],
  summary: 'Revoke a key',
  description:
    'Refused in this process before the answer, in every other one at once, for ever, wherever the key is defined. ' +
    'Requests signed with it answer 401 key_unknown. Safe to repeat. Roles: admin.',
  request: { params: keyParam, body: jsonBody(z.strictObject({ reason: reasonSchema }), 'Why') },
  responses: {
    200: { description: 'The revoked key', content: { 'application/json': { schema: keySchema } } },
    ...problemResponses(...operatorProblems, ...bodyProblems, 'not_found'),
  },
});

/** `POST /admin/v1/keys/{id}/rotate` and `POST /admin/v1/keys/{id}/revoke`. */
export function registerEndKey(door: OperatorDoor, deps: KeyDeps): void {
  const { keyDesk, realClock } = deps;
  const find = async (id: string): Promise<KnownKey> => {
    const key = await keyDesk.find(id);
    if (key === undefined) throw new ProblemError('not_found', 'there is no key of this id');
    return key;
  };

  door.openapi(rotateRoute, async (c) => {
    requireRole(c);
    const before = await find(c.req.valid('param').id);
    const { id: newId = makeKeyId(before.party.id, before.alg), ...body } = c.req.valid('json');
    const { overlap_hours: overlapHours, jwk, pem, reason } = body;
    const nowMs = realClock.nowMs();
    addLogFields(c, { key: before.id });
    const act = keyAct('key.rotate', { id: before.id, reason, before }, nowMs);
    const { key, secret, replaced } = await audited(c, deps, act, async () => {
      const outcome = await keyDesk.rotate(before.id, newId, { jwk, pem }, overlapHours);
      return doneOrProblem(outcome, pem === undefined ? '/jwk' : '/pem');
    });
    const doneMs = realClock.nowMs();
    return c.json({ key: await keyView(key, doneMs), secret, replaced: await keyView(replaced, doneMs) }, 201);
  });

  door.openapi(revokeRoute, async (c) => {
    requireRole(c);
    const before = await find(c.req.valid('param').id);
    const { reason } = c.req.valid('json');
    const nowMs = realClock.nowMs();
    addLogFields(c, { key: before.id });
    const { key } = await audited(c, deps, keyAct('key.revoke', { id: before.id, reason, before }, nowMs), async () =>
      doneOrProblem(await keyDesk.revoke(before.id), ''),
    );
    return c.json(await keyView(key, nowMs), 200);
  });
}
