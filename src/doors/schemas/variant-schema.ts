import { z } from '@hono/zod-openapi';
import { DEVICE_CLASSES, OS_CLASSES, VARIANT_LIMITS, variantListFault } from '../../registry/schema/variants.ts';
import { textSchema, webUrlSchema } from './scalars.ts';

const { idPattern, textMax } = VARIANT_LIMITS;

const utmSchema = (name: string) =>
  z
    .array(z.string().min(1).max(VARIANT_LIMITS.utmMax))
    .min(1)
    .max(VARIANT_LIMITS.utmsMax)
    .optional()
    .openapi({
      description: `Values that ${name} may have in the link’s address, whatever their case`,
      example: ['wechat'],
    });

/** Whom a variant is for. */
export const audienceSchema = z
  .strictObject({
    utm_source: utmSchema('utm_source'),
    utm_medium: utmSchema('utm_medium'),
    utm_campaign: utmSchema('utm_campaign'),
    device: z
      .array(z.enum(DEVICE_CLASSES))
      .min(1)
      .max(DEVICE_CLASSES.length)
      .optional()
      .openapi({ description: 'Classes of devices', example: ['mobile'] }),
    os: z
      .array(z.enum(OS_CLASSES))
      .min(1)
      .max(OS_CLASSES.length)
      .optional()
      .openapi({ description: 'Systems of devices', example: ['ios'] }),
    language: z
      .array(z.enum(['zh', 'en']))
      .min(1)
      .max(2)
      .optional()
      .openapi({ description: 'Language that the browser asks for', example: ['zh'] }),
  })
  .refine((audience) => Object.values(audience).some((rule) => rule !== undefined), {
    error: 'names nobody: give a rule, or leave audience out',
  })
  .openapi('VariantAudience', { description: 'Whom a variant is for; every rule given must hold' });

const bothSchema = (maxLength: number, description: string, example: { zh: string; en: string }) =>
  z
    .strictObject({
      zh: textSchema(maxLength).openapi({ description: 'In Chinese', example: example.zh }),
      en: textSchema(maxLength).openapi({ description: 'In English', example: example.en }),
    })
    .optional()
    .openapi({ description });

const variantSchema = z
  .strictObject({
    id: z
      .string()
      .regex(idPattern, 'must be 1–32 letters, digits, ".", "_" or "-"')
      .openapi({ description: 'Unique within the link; another test is another id', example: 'short' }),
    weight: z.int().min(0).max(VARIANT_LIMITS.weightMax).openapi({
      description: 'Its share among those that compete for a click; 0 = nobody new gets it',
      example: 50,
    }),
    audience: audienceSchema
      .optional()
      .openapi({ description: 'Whom it is for; absent = everybody whom no audience names' }),
    page: z
      .strictObject({
        headline: bothSchema(textMax.headline, 'Heading of the page', { zh: '三分钟申请', en: 'Three minutes' }),
        note: bothSchema(textMax.note, 'Paragraph under the heading', { zh: '仅需身份证', en: 'Have your ID ready' }),
        button: bothSchema(textMax.button, 'The button that asks for the code', { zh: '立即申请', en: 'Apply now' }),
        default_amount: z.int().positive().optional().openapi({
          description: 'Amount that is filled in, minor units; one that the product lends',
          example: 500000,
        }),
        default_term: z
          .int()
          .positive()
          .optional()
          .openapi({ description: 'Term that is chosen, in the product’s unit; one that it has', example: 12 }),
      })
      .optional()
      .openapi({ description: 'What the hosted page says instead; what is left out stays as it is' }),
    landing: z
      .union([z.literal('hosted'), webUrlSchema], { error: 'must be hosted or an https URL' })
      .optional()
      .openapi({ description: 'Where it leads instead of the link’s landing', example: 'hosted' }),
  })
  .openapi('LinkVariant', {
    description: 'One way in which people of a link are received',
    example: { id: 'short', weight: 50, page: { headline: { zh: '三分钟申请', en: 'Three minutes' } } },
  });

/** A link's variants on the wire: what `variantsSchema` of the files takes. */
export const linkVariantsSchema = z
  .array(variantSchema)
  .max(VARIANT_LIMITS.variantsMax)
  .superRefine((variants, context) => {
    const message = variantListFault(variants);
    if (message !== null) context.addIssue({ code: 'custom', message });
  });
