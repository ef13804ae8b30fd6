import { z } from '@hono/zod-openapi';
import { AUDIT_REASON_MAX } from '../../audit/audit-view.ts';
import { STOPS } from '../../catalogue/pause.ts';
import { instantSchema } from '../../http/common-schemas.ts';
import { nameIdSchema } from '../schemas/scalars.ts';

const stopSchema = z.enum(STOPS).openapi({
  description:
    'new = prechecks and applications are refused closed/paused, but for those that cite a reservation made before, and ' +
    'links lead to their fallback_url; submissions = nothing is pushed to the lender’s core until it is resumed; ' +
    'drawdowns = drawing down answers 409 product_paused',
  example: 'new',
});

/** A stop as everybody may read it. */
export const shownStopSchema = z
  .object({
    stop: stopSchema,
    until: instantSchema.nullable().openapi({ description: 'When it ends by itself; null = not known' }),
  })
  .openapi('ProductStop', { description: 'Something of a product that is paused now' });

const statusSchema = z
  .enum(['open', 'paused', 'closed'])
  .openapi({ description: 'Now, files and pauses together; the strictest wins', example: 'paused' });

const pauseSchema = z
  .object({
    stop: stopSchema,
    by: z.enum(['operator', 'lender']).openapi({
      description: 'Whose pause it is. A lender lifts its own, an operator both',
      example: 'operator',
    }),
    until: instantSchema.nullable().openapi({ description: 'When it ends by itself; null = when it is resumed' }),
    reason: z.string().nullable().openapi({
      description: 'Why; null = an operator’s reason, which a lender is not told',
      example: 'funds for today are used up',
    }),
    name: z.string().nullable().openapi({ description: 'Who it was; null = an operator', example: 'li.na' }),
    at: instantSchema.openapi({ description: 'Since when' }),
  })
  .openapi('ProductPause', { description: 'A pause of a product' });

/** A product with everything that is paused of it. */
export const pausedProductSchema = z
  .object({
    id: nameIdSchema.openapi({ description: 'Product', example: 'quick-cash' }),
    name: z.string().openapi({ description: 'Name, in the language of Accept-Language', example: 'Quick Cash' }),
    lender_id: nameIdSchema.openapi({ description: 'Whose product it is', example: 'quickcredit' }),
    status: statusSchema,
    file_status: statusSchema.openapi({ description: 'What the files say, pauses aside', example: 'open' }),
    stops: z.array(shownStopSchema).openapi({ description: 'What is paused now, whoever paused it' }),
    pauses: z.array(pauseSchema).openapi({ description: 'The pauses that hold now, one for each stop and side' }),
    revision: z.int().openapi({ description: 'Counts the changes that were told by product.updated', example: 3 }),
    updated_at: instantSchema.openapi({ description: 'When it last changed' }),
  })
  .openapi('PausedProduct', { description: 'A product with its pauses' });

export type PausedProductView = z.input<typeof pausedProductSchema>;

const reasonSchema = z
  .string()
  .trim()
  .min(1)
  .max(AUDIT_REASON_MAX)
  .openapi({ description: 'Why; no personal data', example: 'funds for today are used up' });

export const pauseRequestSchema = z
  .strictObject({
    stop: stopSchema.default('new'),
    until: instantSchema
      .optional()
      .openapi({ description: 'When it ends by itself, in business time; absent = when it is resumed' }),
    reason: reasonSchema,
  })
  .openapi('PauseRequest', { description: 'What to stop, and until when' });

export const resumeRequestSchema = z
  .strictObject({
    stop: stopSchema.optional(),
    reason: reasonSchema.optional(),
  })
  .openapi('ResumeRequest', {
    description: 'What to take up again; without stop everything',
    example: { stop: 'new' },
  });

export type PauseRequest = z.output<typeof pauseRequestSchema>;
