import { createRoute, z } from '@hono/zod-openapi';
import { redactedReason } from '../../audit/audit-view.ts';
import { ALL_SHARDS, shardOfId } from '../../base/ids.ts';
import { requestRedrive } from '../../events/caught-up.ts';
import { type Parked, readParked } from '../../events/checkpoint.ts';
import { eventId } from '../../events/event.ts';
import { jsonBody } from '../../http/json-body.ts';
import { pageOf, pageQuery } from '../../http/pagination.ts';
import { ProblemError } from '../../http/problem.ts';
import { bodyProblems, operatorProblems, problemResponses } from '../../http/problem-responses.ts';
import { addLogFields } from '../../http/request-context.ts';
import { audited, reasonHeader } from './audited.ts';
import type { OperatorDeps, OperatorDoor } from './operator-deps.ts';
import { pageOfList } from './page-of-list.ts';

const projectionSchema = z
  .string()
  .regex(/^[a-z][a-z-]{0,31}$/, 'must be the name of a projection')
  .openapi({ description: 'What could not take the event in', example: 'commission' });
const subjectSchema = z
  .string()
  .regex(/^[a-z]{3,4}_[0-9a-f]{32}$/, 'must be the id of an application, a registration or a click')
  .openapi({
    description: 'Application, registration or click whose events wait',
    example: 'app_1f8ac10f23c5b5bc1167bda84b833e5c',
  });

const parkedSchema = z
  .object({
    projection: projectionSchema,
    subject: subjectSchema,
    error: z.string().openapi({ description: 'Why the first of them failed', example: 'no such terms' }),
    since: z
      .string()
      .openapi({ description: 'Since when, RFC 3339 in real time', example: '2026-03-02T04:05:06.000Z' }),
    event_ids: z.array(z.string()).openapi({
      description: 'Events that wait, the failed one first',
      example: ['evt_1f0mgq3k1x00000'],
    }),
  })
  .openapi('ParkedEvents', { description: 'Events of one subject that a projection cannot apply' });

const listRoute = createRoute({
  method: 'get',
  path: '/admin/v1/parked',
  operationId: 'listParkedEvents',
  tags: ['Operations'],
  summary: 'List parked events',
  description:
    'Events that could not be applied, and those of the same subject that wait behind them. Everything else goes on. Any role.',
  request: { query: z.strictObject(pageQuery) },
  responses: {
    200: { description: 'A page', content: { 'application/json': { schema: pageOf(parkedSchema) } } },
    ...problemResponses(...operatorProblems),
  },
});

const redriveRoute = createRoute({
  method: 'post',
  path: '/admin/v1/parked/redrive',
  operationId: 'redriveParkedEvents',
  tags: ['Operations'],
  summary: 'Apply parked events again',
  description:
    'Has the parked events of one subject applied again, in order. Safe to repeat: every projection takes an event in ' +
    'once. Roles: admin, support.',
  request: {
    headers: reasonHeader,
    body: jsonBody(z.strictObject({ projection: projectionSchema, subject: subjectSchema }), 'What to apply again'),
  },
  responses: {
    202: {
      description: 'It will be tried within seconds; what fails again is parked again',
      content: { 'application/json': { schema: parkedSchema } },
    },
    ...problemResponses(...operatorProblems, ...bodyProblems, 'not_found'),
  },
});

/** `GET /admin/v1/parked` and `POST /admin/v1/parked/redrive`. */
export function registerParkedEvents(
  door: OperatorDoor,
  deps: Pick<OperatorDeps, 'client' | 'keys' | 'audit' | 'logger'>,
): void {
  const { client, keys } = deps;
  door.openapi(listRoute, async (c) => {
    const parked = (await Promise.all(ALL_SHARDS.map((shard) => readParked(client, keys, shard)))).flat();
    const page = pageOfList(
      parked,
      ({ since, projection, subject }) => `${since} ${projection} ${subject}`,
      c.req.valid('query'),
    );
    return c.json({ ...page, data: page.data.map(parkedView) }, 200);
  });

  door.openapi(redriveRoute, async (c) => {
    const { projection, subject } = c.req.valid('json');
    const shard = shardOfId(subject);
    const parked = (await readParked(client, keys, shard)).find(
      (one) => one.projection === projection && one.subject === subject,
    );
    if (parked === undefined) throw new ProblemError('not_found', `${projection} has nothing parked of this subject`);
    const what = {
      action: 'parked.redrive',
      object: { kind: 'parked', id: `${projection}/${subject}` },
      before: { error: redactedReason(parked.error), since: parked.since, events: parked.positions.length },
    };
    await audited(c, deps, what, () => requestRedrive(client, keys, shard, projection, subject));
    addLogFields(c, { projection, subject });
    return c.json(parkedView(parked), 202);
  });
}

function parkedView({ projection, subject, error, since, positions }: Parked): z.output<typeof parkedSchema> {
  const shard = shardOfId(subject);
  return { projection, subject, error, since, event_ids: positions.map((position) => eventId(shard, position)) };
}
