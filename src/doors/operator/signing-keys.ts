import { createRoute, z } from '@hono/zod-openapi';
import { isoOf } from '../../base/clock.ts';
import { requireRole } from '../../http/bearer.ts';
import { jsonBody } from '../../http/json-body.ts';
import { ProblemError } from '../../http/problem.ts';
import { bodyProblems, operatorProblems, problemResponses } from '../../http/problem-responses.ts';
import {
  DEFAULT_OVERLAP_MINUTES,
  MAX_OVERLAP_MINUTES,
  MIN_LIVE_OVERLAP_MINUTES,
} from '../../trust/our-keys-generations.ts';
import type { RingKey } from '../../trust/our-keys-ring.ts';
import { audited } from './audited.ts';
import type { OperatorDeps, OperatorDoor } from './operator-deps.ts';

const REASON_MAX = 200;

const signingKeySchema = z
  .object({
    id: z.string().openapi({
      description: 'kid in /.well-known/jwks.json and keyid of signatures; the RFC 7638 thumbprint',
      example: 'rnl9NRwnrYOZj-fXUm6rG2pctDbEYB8XX0_WFltrfTg',
    }),
    generation: z.int().openapi({ description: '1 is the first; each rotation makes the next', example: 2 }),
    status: z.enum(['next', 'current', 'retired']).openapi({
      description:
        'next = published, does not sign yet; current = signs; retired = signs no longer, and stays published so that ' +
        'statements verify years later',
      example: 'current',
    }),
    published_at: z.string().nullable().openapi({
      description: 'When it came into the key set, RFC 3339 in real time; null for the first generation',
      example: '2026-03-02T04:05:06.000Z',
    }),
    signs_from: z.string().nullable().openapi({
      description: 'When it began or will begin to sign; null for the first generation',
      example: '2026-03-02T04:25:06.000Z',
    }),
    retired_at: z.string().nullable().openapi({
      description: 'When the next generation began or will begin to sign; null while there is none',
      example: null,
    }),
    reason: z.string().nullable().openapi({ description: 'Why it was made', example: 'yearly rotation' }),
    rotated_by: z.string().nullable().openapi({ description: 'The operator who made it', example: 'bootstrap' }),
  })
  .openapi('SigningKey', { description: 'A generation of the key that this gateway signs with (Ed25519)' });

const keysSchema = z.object({
  data: z.array(signingKeySchema).openapi({ description: 'Every generation, the newest first' }),
});

const listRoute = createRoute({
  method: 'get',
  path: '/admin/v1/signing-keys',
  operationId: 'listSigningKeys',
  tags: ['Signing keys'],
  summary: 'List the keys that we sign with',
  description: 'Every generation of our own key: answers, pushes to lenders, statements. Any role.',
  responses: {
    200: { description: 'All of them', content: { 'application/json': { schema: keysSchema } } },
    ...problemResponses(...operatorProblems),
  },
});

const rotateRoute = createRoute({
  method: 'post',
  path: '/admin/v1/signing-keys/rotate',
  operationId: 'rotateSigningKeys',
  tags: ['Signing keys'],
  summary: 'Rotate the key that we sign with',
  description:
    'Publishes the next generation at once; every process signs with it when the overlap has passed. No key is ever taken ' +
    'out of the set: what an old one signed must verify for years. Roles: admin.',
  request: {
    body: jsonBody(
      z.strictObject({
        reason: z
          .string()
          .trim()
          .min(1)
          .max(REASON_MAX)
          .openapi({ description: 'Why, for the audit log', example: 'yearly rotation' }),
        overlap_minutes: z
          .int()
          .min(0)
          .max(MAX_OVERLAP_MINUTES)
          .default(DEFAULT_OVERLAP_MINUTES)
          .openapi({
            description:
              'Minutes for which the new key is published before it signs. Copies of the key set may be 10 minutes old, so ' +
              `live takes no less than ${MIN_LIVE_OVERLAP_MINUTES}; 0 means a second, in which every process hears of it`,
            example: DEFAULT_OVERLAP_MINUTES,
          }),
      }),
      'Why and how fast',
    ),
  },
  responses: {
    201: {
      description: 'The generation that was made',
      content: { 'application/json': { schema: signingKeySchema } },
    },
    ...problemResponses(...operatorProblems, ...bodyProblems, 'rotation_open'),
  },
});

/** `GET /admin/v1/signing-keys` and `POST /admin/v1/signing-keys/rotate`. */
export function registerSigningKeys(
  door: OperatorDoor,
  deps: Pick<OperatorDeps, 'signingKeys' | 'audit' | 'logger' | 'env'>,
): void {
  const { signingKeys, env } = deps;
  door.openapi(listRoute, (c) => c.json({ data: signingKeys.generations().map(keyView) }, 200));

  door.openapi(rotateRoute, async (c) => {
    const { name } = requireRole(c);
    const { reason, overlap_minutes: overlapMinutes } = c.req.valid('json');
    if (env === 'live' && overlapMinutes < MIN_LIVE_OVERLAP_MINUTES) throw overlapTooShort();
    const { id: before } = keyView(newestOf(signingKeys.generations()));
    const made = await audited(
      c,
      deps,
      {
        action: 'signing_key.rotate',
        object: { kind: 'signing_key', id: before },
        reason,
        after: ({ id, generation, signs_from }) => ({ id, generation, signs_from }),
      },
      async () => {
        const verdict = await signingKeys.rotate({ reason, rotatedBy: name, overlapMinutes });
        const generations = signingKeys.generations();
        const one = generations.find(({ generation }) => generation === verdict.generation) ?? newestOf(generations);
        if (!verdict.ok) {
          const detail = `generation ${one.generation} signs from ${isoOf(one.signsFromMs)}`;
          throw new ProblemError('rotation_open', detail);
        }
        return keyView(one);
      },
    );
    return c.json(made, 201);
  });
}

function newestOf(generations: readonly RingKey[]): RingKey {
  const [newest] = generations;
  if (newest === undefined) throw new Error('there is no signing key');
  return newest;
}

function keyView(one: RingKey): z.output<typeof signingKeySchema> {
  const { generation, status, publishedAtMs, signsFromMs, retiresAtMs, reason, rotatedBy, key } = one;
  return {
    id: key.kid,
    generation,
    status,
    published_at: publishedAtMs === null ? null : isoOf(publishedAtMs),
    signs_from: publishedAtMs === null ? null : isoOf(signsFromMs),
    retired_at: retiresAtMs === null ? null : isoOf(retiresAtMs),
    reason,
    rotated_by: rotatedBy,
  };
}

function overlapTooShort(): ProblemError {
  const message = `must be at least ${MIN_LIVE_OVERLAP_MINUTES}: readers may hold a copy of the key set for 10 minutes`;
  return new ProblemError('validation_failed', `/overlap_minutes ${message}`, {
    errors: [{ pointer: '/overlap_minutes', code: 'too_small', message }],
  });
}
