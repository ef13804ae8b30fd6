import { createRoute, z } from '@hono/zod-openapi';
import { SECOND_MS } from '../../base/clock.ts';
import { readJson } from '../../http/json-body.ts';
import { ProblemError } from '../../http/problem.ts';
import { problemResponses } from '../../http/problem-responses.ts';
import { rawBodyOf } from '../../http/request-context.ts';
import { type PageEvent, type PageLoad, secondsBucket } from '../../insight/pages/page-event.ts';
import { ERROR_CODES, SECONDS_BUCKETS } from '../../insight/pages/page-vocabulary.ts';
import { isUnavailable } from '../../redis/is-unavailable.ts';
import { fieldLabels } from './field-labels.ts';
import { isForeign } from './form-post.ts';
import type { ReferralDeps, ReferralDoor } from './referral-deps.ts';

const BODY_MAX_BYTES = 2 * 1024;
const EVENTS_MAX = 20;
const NUMBER_MAX = 99;
const CLICK_MAX = 128;
const NAME_MAX = 700;

/** Inputs of hosted forms; what is in nobody's catalogue cannot be told of. */
const FIELDS = ['consent', ...Object.keys(fieldLabels)] as [string, ...string[]];

const eventSchema = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.enum(['view', 'start', 'otp_sent', 'submit']).openapi({
        description:
          'The page was shown, its first input touched, a code asked for, the form sent: each once a page load',
        example: 'view',
      }),
    }),
    z.strictObject({
      type: z.literal('field_error').openapi({ description: 'Something was wrong beside an input' }),
      n: z
        .int()
        .min(0)
        .max(NUMBER_MAX)
        .openapi({ description: 'Number of this error on this page load: sent again, it counts once', example: 0 }),
      field: z.enum(FIELDS).openapi({ description: 'Which input', example: 'id_number' }),
      code: z.enum(ERROR_CODES).openapi({ description: 'What was wrong', example: 'id_invalid' }),
    }),
    z.strictObject({
      type: z.literal('leave').openapi({ description: 'The page was left; once a page load' }),
      seconds: z
        .int()
        .refine((seconds) => (SECONDS_BUCKETS as readonly number[]).includes(seconds), {
          error: `must be one of ${SECONDS_BUCKETS.join(', ')}`,
        })
        .openapi({
          enum: [...SECONDS_BUCKETS],
          description: 'How long it was visible: the first of these that it does not exceed, in seconds',
          example: 60,
        }),
    }),
  ])
  .openapi('PageEvent', { description: 'Something that happened on a hosted page', example: { type: 'view' } });

const bodySchema = z
  .strictObject({
    click: z.string().max(CLICK_MAX).openapi({
      description: 'The click that led to the page',
      example: 'clk_1f8ac10f23c5b5bc1167bda84b833e5c',
    }),
    load: z.string().max(NAME_MAX).openapi({
      description: 'Name of this load of the page, as the page came with it',
      example: 'WyIxZjhhYzEw….kYt3',
    }),
    events: z.array(eventSchema).min(1).max(EVENTS_MAX).openapi({ description: 'What happened, in order' }),
  })
  .openapi('PageEvents', { description: 'What a hosted page tells of itself; nothing of the person on it' });

const route = createRoute({
  method: 'post',
  path: '/e',
  operationId: 'tellPageEvents',
  tags: ['Links'],
  summary: 'Tell what happened on a hosted page',
  description:
    'For the page’s own script (`navigator.sendBeacon`), from the page’s own origin. A closed vocabulary: anything else is refused. ' +
    'Pages and clicks that are not known, and what exceeds a hundred events a click, are answered alike and not counted.',
  security: [],
  'x-max-body-bytes': BODY_MAX_BYTES,
  request: {
    body: {
      required: true,
      description: 'At most 2 KiB',
      content: { 'application/json': { schema: bodySchema }, 'text/plain': { schema: z.string() } },
    },
  },
  responses: {
    204: { description: 'Taken in, or not: nobody learns which' },
    ...problemResponses(
      'json_invalid',
      'json_duplicate_key',
      'validation_failed',
      'unsupported_media_type',
      'body_too_large',
      'origin_foreign',
    ),
  },
});

/** `POST /e`. */
export function registerPageEvents(door: ReferralDoor, deps: ReferralDeps): void {
  door.openapi(route, async (c) => {
    if (isForeign(c, deps)) throw new ProblemError('origin_foreign');
    // Read again, strictly in live mode too: a field that is not in the vocabulary is not ignored but refused.
    const parsed = bodySchema.safeParse(readJson(rawBodyOf(c)));
    if (!parsed.success) throw new ProblemError('validation_failed', 'this is no event of a page');
    const { click, load: name, events } = parsed.data;
    const load = deps.pages.loads.read(name, deps.page.clock.nowMs());
    if (load?.clickId === click) await count(deps, load, events.map(pageEvent));
    return c.body(null, 204);
  });
}

async function count(deps: ReferralDeps, load: PageLoad, events: PageEvent[]): Promise<void> {
  try {
    await deps.pages.counter.count(load, events);
  } catch (error) {
    // A count is worth no repetition: the browser has gone on.
    if (!isUnavailable(error)) throw error;
  }
}

function pageEvent(told: z.output<typeof eventSchema>): PageEvent {
  switch (told.type) {
    case 'field_error':
      return { type: told.type, key: `e${told.n}`, field: told.field, code: told.code };
    case 'leave':
      return { type: told.type, seconds: secondsBucket(told.seconds * SECOND_MS) };
    default:
      return told;
  }
}
