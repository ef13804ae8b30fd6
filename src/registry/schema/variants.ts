import { z } from 'zod';
import { urlSchema } from './scalars.ts';

/** Classes of devices that an audience may name. */
export const DEVICE_CLASSES = ['mobile', 'tablet', 'desktop'] as const;
export type DeviceClass = (typeof DEVICE_CLASSES)[number];

/** Systems that an audience may name: a phone of each finds its own store. */
export const OS_CLASSES = ['ios', 'android', 'other'] as const;
export type OsClass = (typeof OS_CLASSES)[number];

/** Parameters of a campaign that an audience may name. */
export const UTM_NAMES = ['utm_source', 'utm_medium', 'utm_campaign'] as const;
export type UtmName = (typeof UTM_NAMES)[number];

/** What bounds a variant, in a file and over the API alike. */
export const VARIANT_LIMITS = {
  variantsMax: 8,
  weightMax: 1_000_000,
  idPattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/,
  /** Characters of a value of utm_…, and values of one rule. */
  utmMax: 64,
  utmsMax: 20,
  /** Characters, in each language. */
  textMax: { headline: 60, note: 300, button: 24 },
} as const;
const { textMax, utmMax, utmsMax, variantsMax, weightMax } = VARIANT_LIMITS;

const utmSchema = z
  .array(z.string().min(1).max(utmMax))
  .min(1)
  .max(utmsMax)
  .optional()
  .describe('Values that this parameter of the link may have, whatever their case');

/** Whom a variant is for; every rule given must hold. */
export const audienceSchema = z
  .strictObject({
    utm_source: utmSchema,
    utm_medium: utmSchema,
    utm_campaign: utmSchema,
    device: z.array(z.enum(DEVICE_CLASSES)).min(1).max(DEVICE_CLASSES.length).optional().describe('Classes of devices'),
    os: z.array(z.enum(OS_CLASSES)).min(1).max(OS_CLASSES.length).optional().describe('Systems of devices'),
    language: z
      .array(z.enum(['zh', 'en']))
      .min(1)
      .max(2)
      .optional()
      .describe('Language that the browser asks for'),
  })
  .refine((audience) => Object.values(audience).some((rule) => rule !== undefined), {
    error: 'names nobody: give a rule, or leave audience out',
  });
export type Audience = z.output<typeof audienceSchema>;

const textSchema = (maxLength: number) =>
  z.strictObject({
    zh: z.string().trim().min(1).max(maxLength).describe('In Chinese'),
    en: z.string().trim().min(1).max(maxLength).describe('In English'),
  });

/** What the hosted page of a variant says and offers instead; what is left out stays as it is. */
export const variantPageSchema = z.strictObject({
  headline: textSchema(textMax.headline).optional().describe('Heading of the page'),
  note: textSchema(textMax.note).optional().describe('Paragraph under the heading'),
  button: textSchema(textMax.button).optional().describe('The button that asks for the code'),
  default_amount: z
    .int()
    .positive()
    .optional()
    .describe('Amount that is filled in, minor units; one that the product lends'),
  default_term: z.int().positive().optional().describe('Term that is chosen, in the product’s unit; one that it has'),
});
export type VariantPage = z.output<typeof variantPageSchema>;

/** One way in which people of a link are received. */
export const variantSchema = z.strictObject({
  id: z
    .string()
    .regex(VARIANT_LIMITS.idPattern, 'must be 1–32 letters, digits, ".", "_" or "-"')
    .describe('Unique within the link; another test is another id'),
  weight: z
    .int({ error: 'must be a whole number' })
    .min(0, 'must not be negative')
    .max(weightMax)
    .describe('Its share among those that compete for a click; 0 = nobody new gets it'),
  audience: audienceSchema.optional().describe('Whom it is for; absent = everybody whom no audience names'),
  page: variantPageSchema.optional().describe('What the hosted page says instead'),
  landing: z
    .union([z.literal('hosted'), urlSchema], { error: 'must be hosted or an https URL' })
    .optional()
    .describe('Where it leads instead of the link’s landing'),
});
export type Variant = z.output<typeof variantSchema>;

/** A link's variants. The first without an audience is the control. */
export const variantsSchema = z
  .array(variantSchema)
  .max(variantsMax)
  .superRefine((variants, context) => {
    const message = variantListFault(variants);
    if (message !== null) context.addIssue({ code: 'custom', message });
  });

/** What is wrong with a list of variants as a whole; null = nothing. */
export function variantListFault(variants: readonly Pick<Variant, 'id' | 'weight' | 'audience'>[]): string | null {
  if (new Set(variants.map(({ id }) => id)).size < variants.length) return 'two variants of one link have the same id';
  if (variants.length === 0 || variants.some(({ audience, weight }) => audience === undefined && weight > 0))
    return null;
  return 'whoever is in no audience would get no variant: give one without audience a positive weight';
}
