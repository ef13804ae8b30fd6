import { z } from '@hono/zod-openapi';
import { instantSchema, moneySchema } from '../../../http/common-schemas.ts';
import { productIdSchema, webUrlSchema } from '../../schemas/scalars.ts';

const codeSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{1,63}$/, 'must be 2–64 letters, digits, "_" or "-"')
  .openapi({ description: 'Path segment of /r/<code>', example: 'spring-sale' });

const landingSchema = z
  .union([z.literal('hosted'), webUrlSchema], { error: 'must be hosted or an https URL' })
  .openapi({ description: '`hosted` = our page /apply/<code>, or the lender’s https page', example: 'hosted' });

const count = z.int().min(1);

const capsSchema = z
  .strictObject({
    clicks_per_day: count.optional().openapi({ description: 'Billable clicks a day', example: 1000 }),
    applications_per_day: count.optional().openapi({ description: 'Applications a day', example: 100 }),
  })
  .openapi('LinkCaps', { description: 'Caps of a link; absent = none' });

/** What a partner sends to make a link. */
export const linkRequestSchema = z
  .strictObject({
    code: codeSchema.optional().openapi({ description: 'Absent = made for you' }),
    product_id: productIdSchema,
    landing: landingSchema,
    fallback_url: webUrlSchema
      .optional()
      .openapi({ description: 'Where clicks go while the product is paused or a cap is reached' }),
    caps: capsSchema.optional(),
  })
  .openapi('LinkRequest', { description: 'A link to share', example: { product_id: 'quick-cash', landing: 'hosted' } });

/** A link as its partner reads it. */
export const linkSchema = z
  .object({
    code: codeSchema,
    url: z.string().openapi({ description: 'The address to share', example: 'https://gw.example/r/spring-sale' }),
    product_id: productIdSchema,
    landing: landingSchema,
    fallback_url: z.string().nullable().openapi({ description: 'Where clicks go meanwhile', example: null }),
    caps: capsSchema,
    created_at: instantSchema.nullable().openapi({ description: 'When it was made; null = agreed in your profile' }),
  })
  .openapi('Link', { description: 'A link to share' });

const counter = (description: string) => z.int().openapi({ description, example: 0 });

/** What a link has brought so far. */
export const linkStatsSchema = z
  .object({
    clicks: z
      .object({
        raw: counter('All clicks, bots too'),
        unique: counter('Visitors'),
        billable: counter('Clicks that may be paid for'),
        diverted: z.record(z.string(), z.int()).openapi({
          description:
            'Clicks that came while the product took no applications, by cause (paused, hours, suspended): counted, sent to ' +
            'fallback_url where the link has one, not billable',
          example: { paused: 12 },
        }),
      })
      .openapi({ description: 'Clicks' }),
    registrations: counter('Registrations at the lender'),
    applications: counter('Applications, refused ones too'),
    refused: counter('Applications refused; each has its reason'),
    granted: counter('Credits granted'),
    disbursed: z
      .object({ count: counter('Loans paid out'), principal: moneySchema.openapi({ description: 'Money paid out' }) })
      .openapi({ description: 'Loans' }),
    commission: moneySchema.openapi({ description: 'What it has earned you so far, pending lines too' }),
  })
  .openapi('LinkStats', { description: 'The funnel of one link; follows events by milliseconds' });

export type LinkView = z.input<typeof linkSchema>;
