import { z } from 'zod';
import { PARTNER_EVENTS } from './event-names.ts';
import { envNameSchema, idSchema, positiveCountSchema, urlSchema } from './scalars.ts';
import { variantsSchema } from './variants.ts';

const FAMILIES: readonly string[] = [...new Set(PARTNER_EVENTS.map((event) => `${event.split('.')[0]}.*`))];
const SUBSCRIBABLE: ReadonlySet<string> = new Set<string>(['*', ...FAMILIES, ...PARTNER_EVENTS]);

/** Webhooks (Standard Webhooks) to one URL. */
export const callbacksSchema = z
  .strictObject({
    url: urlSchema.describe('https; in sandbox loopback http too'),
    secret_env: envNameSchema.optional().describe('Environment variable that holds the secret, whsec_…'),
    secret: z.string().min(1).optional().describe('Secret inline; sandbox only'),
    events: z
      .array(z.string().refine((name) => SUBSCRIBABLE.has(name), { error: 'is not an event that partners can get' }))
      .min(1)
      .default(['*'])
      .describe('Event types, "loan.*" for a family, "*" for all'),
  })
  .refine((callbacks) => (callbacks.secret_env === undefined) !== (callbacks.secret === undefined), {
    error: 'callbacks take exactly one of secret_env, secret',
  });
export type Callbacks = z.output<typeof callbacksSchema>;

/** One URL called for one event. Macros are checked with the whole set. */
export const postbackSchema = z.strictObject({
  on: z.enum(PARTNER_EVENTS).describe('Event type'),
  method: z.enum(['GET', 'POST']).default('GET').describe('HTTP method; POST has an empty body'),
  url: urlSchema.describe('https, with macros in braces such as {click_id}'),
});
export type Postback = z.output<typeof postbackSchema>;

/** One link to share, /r/<code>. */
export const linkSpecSchema = z.strictObject({
  code: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{1,63}$/, 'must be 2–64 letters, digits, "_" or "-"')
    .describe('Path segment of /r/<code>, unique across all partners'),
  product: idSchema.describe('Product id'),
  landing: z
    .union([z.literal('hosted'), urlSchema], { error: 'must be hosted or an https URL' })
    .describe('hosted = our page /apply/<code>, or an https URL'),
  fallback_url: urlSchema.optional().describe('Where clicks go while the product is paused or a cap is reached'),
  caps: z
    .strictObject({
      clicks_per_day: positiveCountSchema.optional().describe('Billable clicks a day'),
      applications_per_day: positiveCountSchema.optional().describe('Applications a day'),
    })
    .prefault({})
    .describe('Caps of this link; absent = none'),
  same_visitor_hours: z
    .number()
    .min(0)
    .max(24)
    .default(1)
    .describe('A visitor who comes again within these hours has clicked once; 0 = every click counts'),
  pass: z
    .array(z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,31}$/, 'must be the name of a query parameter'))
    .max(20)
    .default([])
    .describe('Parameters beside sub1 … sub10 that go along to the landing, such as utm_source; all others end here'),
  params: z
    .record(z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,31}$/), z.string().max(500))
    .default({})
    .describe('Parameters added to an https landing, with macros {click_id} {link} {partner_id} {sub1} … {sub10}'),
  label: z.string().min(1).max(64).optional().describe('The partner’s own name for it, such as that of a shop'),
  host: z
    .string()
    .max(253)
    .optional()
    .describe('Which of the public origins the address to share is on; default: the first'),
  variants: variantsSchema.default([]).describe('Ways to receive people that are compared with each other (A/B)'),
});
export type LinkSpec = z.output<typeof linkSpecSchema>;
