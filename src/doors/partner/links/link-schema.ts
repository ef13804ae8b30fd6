import { z } from '@hono/zod-openapi';
import { instantSchema } from '../../../http/common-schemas.ts';
import { productIdSchema, textSchema, webUrlSchema } from '../../schemas/scalars.ts';
import { linkVariantsSchema } from '../../schemas/variant-schema.ts';

const LABEL_MAX = 64;
const REASON_MAX = 200;

export const linkCodeSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{1,63}$/, 'must be 2–64 letters, digits, "_" or "-"')
  .openapi({ description: 'Path segment of /r/<code>', example: 'spring-sale' });

/** The code in a path; one that no link can have is as unknown as any other. */
export const linkCodePathSchema = z
  .string()
  .openapi({ description: 'Code of the link', example: 'acme-home', param: { name: 'code', in: 'path' } });

export const linkLabelSchema = textSchema(LABEL_MAX).openapi({
  description: `Your own name for it, such as that of a shop or of its assistant; at most ${LABEL_MAX} characters, never personal data of applicants`,
  example: 'Shop 17, Nanjing Road',
});

const landingSchema = z
  .union([z.literal('hosted'), webUrlSchema], { error: 'must be hosted or an https URL' })
  .openapi({ description: '`hosted` = our page /apply/<code>, or the lender’s https page', example: 'hosted' });

const count = z.int().min(1);

const capsSchema = z
  .strictObject({
    clicks_per_day: count.optional().openapi({ description: 'Billable clicks a day', example: 1000 }),
    applications_per_day: count.optional().openapi({ description: 'Applications a day', example: 100 }),
  })
  .openapi('LinkCaps', {
    description: 'Caps of a link, by the day of its product’s time zone; absent = none',
  });

const parameterName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_.-]{0,31}$/, 'must be the name of a query parameter, such as utm_source');

const sameVisitorSchema = z.number().min(0).max(24).openapi({
  description: 'A visitor who comes again within so many hours has clicked once; 0 = every click counts',
  example: 1,
});

const passSchema = z
  .array(parameterName)
  .max(20)
  .openapi({
    description: 'Parameters beside sub1 … sub10 that go along from the link to its landing; all others end here',
    example: ['utm_source', 'utm_campaign'],
  });

const paramsSchema = z.record(parameterName, z.string().max(500)).openapi({
  description: 'Parameters added to an https landing, with the macros {click_id} {link} {partner_id} {sub1} … {sub10}',
  example: { referrer: 'click={click_id}' },
});

const hostSchema = z.string().max(253).openapi({
  description: 'Which of our public hosts the address to share is on; the link works on each of them',
  example: 'go.example',
});

/** What a partner sends to make a link. */
export const linkRequestSchema = z
  .strictObject({
    code: linkCodeSchema.optional().openapi({ description: 'Absent = made for you' }),
    product_id: productIdSchema,
    landing: landingSchema,
    fallback_url: webUrlSchema.optional().openapi({
      description: 'Where clicks go while the link or its product is paused, or a cap is reached',
    }),
    caps: capsSchema.optional(),
    same_visitor_hours: sameVisitorSchema.optional().openapi({ description: 'Hours, 0–24; absent = 1', example: 1 }),
    pass: passSchema.optional(),
    params: paramsSchema.optional(),
    host: hostSchema
      .optional()
      .openapi({ description: 'One of our public hosts; absent = the first', example: 'go.example' }),
    label: linkLabelSchema.optional(),
    variants: linkVariantsSchema
      .optional()
      .openapi({ description: 'Ways to receive people that are compared with each other (A/B); absent = one way' }),
  })
  .openapi('LinkRequest', { description: 'A link to share', example: { product_id: 'quick-cash', landing: 'hosted' } });

/** Why a link is switched off or on. */
export const linkReasonSchema = textSchema(REASON_MAX).openapi({
  description: `For whoever reads it later, at most ${REASON_MAX} characters`,
  example: 'the campaign is over',
});

const pausedSchema = z
  .object({
    reason: linkReasonSchema,
    at: instantSchema.openapi({ description: 'Since when' }),
  })
  .nullable()
  .openapi({ description: 'Why and since when it is switched off; null = it is on' });

/** A link as its partner reads it. */
export const linkSchema = z
  .object({
    code: linkCodeSchema,
    url: z.string().openapi({ description: 'The address to share', example: 'https://gw.example/r/spring-sale' }),
    status: z.enum(['active', 'paused']).openapi({ description: 'Whether it is switched on', example: 'active' }),
    paused: pausedSchema,
    product_id: productIdSchema,
    landing: landingSchema,
    fallback_url: z.string().nullable().openapi({ description: 'Where clicks go meanwhile', example: null }),
    caps: capsSchema,
    same_visitor_hours: sameVisitorSchema,
    pass: passSchema,
    params: paramsSchema,
    host: hostSchema
      .nullable()
      .openapi({ description: 'The public host that was asked for; null = the first', example: null }),
    label: linkLabelSchema.nullable().openapi({ description: 'Your own name for it', example: 'Shop 17' }),
    variants: linkVariantsSchema.openapi({ description: 'Ways to receive people that are compared; empty = one way' }),
    created_at: instantSchema.nullable().openapi({ description: 'When it was made; null = agreed in your profile' }),
  })
  .openapi('Link', { description: 'A link to share' });

export type LinkRequest = z.output<typeof linkRequestSchema>;
export type LinkView = z.input<typeof linkSchema>;
