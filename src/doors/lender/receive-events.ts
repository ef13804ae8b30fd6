import { createRoute, z } from '@hono/zod-openapi';
import { jsonBody } from '../../http/json-body.ts';
import { bodyProblems, problemResponses, signedProblems } from '../../http/problem-responses.ts';
import { addLogFields, partyOf, requestOf } from '../../http/request-context.ts';
import { applyLenderEvents, LENDER_EVENTS_MAX, type LenderEventResult } from '../../intake/lender-events.ts';
import { type EventResultView, eventResultSchema } from './event-result.ts';
import type { LenderDeps, LenderDoor } from './lender-deps.ts';
import { lenderEventSchema } from './lender-event-schema.ts';

const route = createRoute({
  method: 'post',
  path: '/lender/v1/events',
  operationId: 'receiveEvents',
  tags: ['Events'],
  summary: 'Post what happened',
  description:
    'Events of applications, credits and loans, up to 500 at once and in any order; each is judged by itself. Send an ' +
    'event again under its id until it is answered: what was answered is remembered, and repeating it changes nothing.',
  request: {
    body: jsonBody(
      z.strictObject({
        events: z
          .array(lenderEventSchema)
          .min(1)
          .max(LENDER_EVENTS_MAX)
          .openapi({ description: '1 to 500 events, oldest first where you can' }),
      }),
      'Events of one or several applications',
    ),
  },
  responses: {
    200: {
      description: 'One result an event, in the same order',
      content: {
        'application/json': {
          schema: z.object({
            results: z
              .array(eventResultSchema)
              .openapi({ description: 'One result an event, in the order of the events' }),
          }),
        },
      },
    },
    ...problemResponses(...signedProblems, ...bodyProblems),
  },
});

/** `POST /lender/v1/events`. */
export function registerReceiveEvents(door: LenderDoor, deps: Pick<LenderDeps, 'lenderEvents'>): void {
  door.openapi(route, async (c) => {
    const { events } = c.req.valid('json');
    const results = await applyLenderEvents(deps.lenderEvents, partyOf(c), events, requestOf(c).caller?.keyId);
    const rejected = results.filter(({ result }) => result === 'rejected').length;
    addLogFields(c, { events: events.length, rejected });
    return c.json({ results: results.map(toWire) }, 200);
  });
}

function toWire({ legal, ...result }: LenderEventResult): EventResultView {
  return legal === undefined ? result : { ...result, legal: [...legal] };
}
