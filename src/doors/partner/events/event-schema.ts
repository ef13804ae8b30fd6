import { z } from '@hono/zod-openapi';
import { isEventPattern } from '../../../delivery/feed/is-told.ts';
import { instantSchema } from '../../../http/common-schemas.ts';
import { PAGE_LIMIT_MAX } from '../../../http/pagination.ts';
import { PARTNER_EVENTS } from '../../../registry/schema/event-names.ts';

const LIMIT_DEFAULT = 50;
const TEXT_MAX = 1_024;

/** One event as it is told, by pull and by webhook. */
export const eventSchema = z
  .object({
    id: z.string().openapi({
      description: 'The same in every webhook, postback and answer: skip what you have had',
      example: 'evt_0f0m9x5c2rk0000',
    }),
    type: z.enum(PARTNER_EVENTS).openapi({ description: 'What happened', example: 'loan.disbursed' }),
    occurred_at: instantSchema.openapi({ description: 'When it happened' }),
    recorded_at: instantSchema.openapi({ description: 'When we wrote it down' }),
    data: z
      .looseObject({
        id: z.string().openapi({
          description: 'The thing',
          example: 'loan_1f8ac10f23c5b5bc1167bda84b833e5c',
        }),
        event: z
          .looseObject({})
          .openapi({ description: 'What the event itself says, such as amounts of a payment', example: { no: 1 } }),
      })
      .openapi({
        description:
          'The application, loan, registration, commission, statement or product, as its own operation shows it to you now, and `event`. Of what is gone only the id is left.',
      }),
  })
  .openapi('Event', { description: 'Something that happened to what is yours' });

export const eventQuerySchema = z.strictObject({
  after: z.string().min(1).max(TEXT_MAX).optional().openapi({
    description: '`next_cursor` of the page before; absent = from the oldest event that is kept',
    example: 'WyIxNzY3MjI1NjAwMDAwLTAiXQ',
  }),
  types: z
    .string()
    .min(1)
    .max(TEXT_MAX)
    .default('*')
    .transform((text) => text.split(',').map((part) => part.trim()))
    .refine((types) => types.every(isEventPattern), 'must be event types, families such as loan.*, or *')
    .openapi({
      type: 'string',
      description: 'Event types, families such as `loan.*`, or `*`; several with commas',
      example: 'loan.*,credit.granted',
    }),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(PAGE_LIMIT_MAX)
    .default(LIMIT_DEFAULT)
    .openapi({ description: 'Events of a page, at most', example: 50 }),
});

export const eventPageSchema = z.object({
  data: z.array(eventSchema).openapi({ description: 'Oldest first' }),
  next_cursor: z.string().openapi({
    description: 'Where to go on; always given. Ask again with it: what is new follows, nothing twice',
    example: 'WyIxNzY3MjI1NjAwMDAwLTAiXQ',
  }),
});
