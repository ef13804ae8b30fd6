import { createRoute, z } from '@hono/zod-openapi';
import { AUDIT_REASON_MAX } from '../../../audit/audit-view.ts';
import { isoOf, msOf } from '../../../base/clock.ts';
import { requireRole } from '../../../http/bearer.ts';
import { instantSchema, pathIdSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { pageOf, pageQuery } from '../../../http/pagination.ts';
import { ProblemError } from '../../../http/problem.ts';
import { bodyProblems, operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import type { Alarm } from '../../../screening/probe-watch/alarm.ts';
import { audited } from '../audited.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';
import { pageOfList } from '../page-of-list.ts';
import { alarmSchema } from './alarm-schema.ts';

const listRoute = createRoute({
  method: 'get',
  path: '/admin/v1/alarms',
  operationId: 'listAlarms',
  tags: ['Alarms'],
  summary: 'List alarms about partners’ questions, newest first',
  description:
    'At most one of each kind is on for a partner; it ends by itself when the window is quiet, and can be read for 90 days. ' +
    'An alarm changes no answer: whether the partner is suspended (`status: suspended` in its file) is for you to decide. ' +
    'Roles: risk.',
  request: {
    query: z.strictObject({
      ...pageQuery,
      partner: z
        .string()
        .min(1)
        .max(32)
        .optional()
        .openapi({ description: 'Only about this partner', example: 'acme' }),
      since: instantSchema.optional().openapi({ description: 'Only those raised at this instant or later' }),
    }),
  },
  responses: {
    200: { description: 'A page', content: { 'application/json': { schema: pageOf(alarmSchema) } } },
    ...problemResponses(...operatorProblems),
  },
});

const acknowledgeRoute = createRoute({
  method: 'post',
  path: '/admin/v1/alarms/{id}/acknowledge',
  operationId: 'acknowledgeAlarm',
  tags: ['Alarms'],
  summary: 'Say that an alarm was seen to',
  description:
    'Notes who has looked into it, and what was found. It stays on for as long as its cause does, and no other of its kind is ' +
    'raised meanwhile. The first acknowledgement stays; a further one changes nothing. Roles: risk.',
  request: {
    params: z.object({ id: pathIdSchema('alm') }),
    body: jsonBody(
      z.strictObject({
        reason: z
          .string()
          .trim()
          .min(1)
          .max(AUDIT_REASON_MAX)
          .openapi({ description: 'What was found; no personal data', example: 'load test, announced by the partner' }),
      }),
      'What was found',
    ),
  },
  responses: {
    200: { description: 'The alarm', content: { 'application/json': { schema: alarmSchema } } },
    ...problemResponses(...operatorProblems, ...bodyProblems, 'not_found'),
  },
});

/** `GET /admin/v1/alarms` and `POST /admin/v1/alarms/{id}/acknowledge`. */
export function registerAlarms(
  door: OperatorDoor,
  deps: Pick<OperatorDeps, 'alarms' | 'realClock' | 'audit' | 'logger'>,
): void {
  const { alarms, realClock } = deps;
  door.openapi(listRoute, async (c) => {
    const { partner: partnerId, since, ...page } = c.req.valid('query');
    const found = await alarms.list({ partnerId, sinceMs: since === undefined ? undefined : msOf(since) });
    const { data, next_cursor } = pageOfList(found, newestFirst, page);
    return c.json({ data: data.map(alarmView), next_cursor }, 200);
  });

  door.openapi(acknowledgeRoute, async (c) => {
    const { name: by } = requireRole(c, 'risk');
    const { id } = c.req.valid('param');
    const { reason } = c.req.valid('json');
    const alarm = await alarms.find(id);
    if (alarm === undefined) throw noAlarm();
    const what = {
      action: 'alarm.acknowledge',
      object: { kind: 'alarm', id },
      reason,
      before: { partner: alarm.partner_id, kind: alarm.kind, acknowledged_by: alarm.acknowledged?.by ?? null },
      after: ({ acknowledged }: Alarm) => ({ acknowledged_by: acknowledged?.by ?? null }),
    };
    const after = await audited(c, deps, what, async () => {
      const known = await alarms.acknowledge(id, { by, at: isoOf(realClock.nowMs()), reason });
      if (known === undefined) throw noAlarm();
      return known;
    });
    return c.json(alarmView(after), 200);
  });
}

/** Beyond every instant in ms that has as many digits. */
const TIME_END_MS = 10 ** 13;

function newestFirst({ id, raised_at }: Alarm): string {
  return `${String(TIME_END_MS - msOf(raised_at)).padStart(13, '0')} ${id}`;
}

function noAlarm(): ProblemError {
  return new ProblemError('not_found', 'there is no such alarm, or it is no longer kept');
}

function alarmView(alarm: Alarm): z.output<typeof alarmSchema> {
  return { ...alarm, evidence: { ...alarm.evidence } };
}
