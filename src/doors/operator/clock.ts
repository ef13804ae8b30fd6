import { createRoute, z } from '@hono/zod-openapi';
import { isoOf } from '../../base/clock.ts';
import { instantSchema } from '../../http/common-schemas.ts';
import { jsonBody } from '../../http/json-body.ts';
import { ProblemError } from '../../http/problem.ts';
import { bodyProblems, operatorProblems, problemResponses } from '../../http/problem-responses.ts';
import { audited, reasonHeader } from './audited.ts';
import type { ClockMoveRequest, ClockMoverPort, OperatorDeps, OperatorDoor } from './operator-deps.ts';

export type { ClockMoverPort } from './operator-deps.ts';

/** Digits and a unit; longer is no move of a clock, and too long for the audit log. */
const ADVANCE_MAX_LENGTH = 32;

const nowSchema = z
  .object({
    now: z.string().openapi({ description: 'Business time, RFC 3339', example: '2026-04-01T04:05:06.000Z' }),
  })
  .openapi('SandboxClock', { description: 'The clock that all day-based rules read; signatures never do' });

const answer = { description: 'The clock', content: { 'application/json': { schema: nowSchema } } };

const readRoute = createRoute({
  method: 'get',
  path: '/sandbox/clock',
  operationId: 'readSandboxClock',
  tags: ['Operations'],
  summary: 'Read the sandbox clock',
  description: 'Business time of the sandbox: real time plus all moves. Any role.',
  responses: { 200: answer, ...problemResponses(...operatorProblems) },
});

const moveRoute = createRoute({
  method: 'post',
  path: '/sandbox/clock',
  operationId: 'moveSandboxClock',
  tags: ['Operations'],
  summary: 'Move the sandbox clock',
  description:
    'Moves business time forward and answers when everything that fell due has happened: repayments, defaults, holds, ' +
    'locks. It never goes back. Any role.',
  request: {
    headers: reasonHeader,
    body: jsonBody(
      z
        .strictObject({
          advance: z
            .string()
            .max(ADVANCE_MAX_LENGTH)
            .optional()
            .openapi({ description: 'By so many minutes (m), hours (h) or days (d)', example: '30d' }),
          to: instantSchema.optional().openapi({ description: 'To this instant', example: '2026-04-01T00:00:00Z' }),
        })
        .refine(({ advance, to }) => (advance === undefined) !== (to === undefined), {
          error: 'give exactly one of advance and to',
        })
        .openapi('ClockMove', { description: 'One of advance and to' }),
      'Where to',
    ),
  },
  responses: { 200: answer, ...problemResponses(...operatorProblems, ...bodyProblems) },
});

/** `GET` and `POST /sandbox/clock`; in live there is no such path. */
export function registerClock(
  door: OperatorDoor,
  deps: Pick<OperatorDeps, 'env' | 'clockMover' | 'audit' | 'logger'>,
): void {
  const { env, clockMover } = deps;
  if (env === 'live' || clockMover === null) return;
  door.openapi(readRoute, (c) => c.json({ now: isoOf(clockMover.now()) }, 200));
  door.openapi(moveRoute, async (c) => {
    const { advance, to } = c.req.valid('json');
    const move = advance === undefined ? { to: to ?? '' } : { advance };
    const what = {
      action: 'clock.move',
      object: { kind: 'clock', id: 'sandbox' },
      before: { now: isoOf(clockMover.now()), move: advance ?? to ?? '' },
      after: ({ now }: { readonly now: string }) => ({ now }),
    };
    return c.json(await audited(c, deps, what, () => moveClock(clockMover, move)), 200);
  });
}

async function moveClock(mover: ClockMoverPort, move: ClockMoveRequest): Promise<{ now: string }> {
  const moved = await mover.move(move);
  if ('now' in moved) return { now: isoOf(moved.now) };
  const { pointer, message } = moved;
  throw new ProblemError('validation_failed', `${pointer || 'the body'} ${message}`, {
    errors: [{ pointer, code: 'invalid', message }],
  });
}
