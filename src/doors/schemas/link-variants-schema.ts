import { z } from '@hono/zod-openapi';
import { splitOf } from '../../attribution/variants/split-of.ts';
import type { PageReader } from '../../insight/pages/page-reader.ts';
import type { Interval } from '../../insight/pages/rate-interval.ts';
import { ALPHA } from '../../insight/pages/sequential-test.ts';
import {
  GOAL,
  VARIANT_STEPS,
  type VariantResult,
  VERDICTS,
  variantResults,
} from '../../insight/pages/variant-results.ts';
import type { PartnerLink } from '../../intake/partner-links.ts';
import { audienceSchema } from './variant-schema.ts';

const STEPS = VARIANT_STEPS.slice(1) as [
  'views',
  ...('starts' | 'otp_sent' | 'submits' | 'accepted' | 'granted' | 'disbursed')[],
];

const share = (description: string, example: number) => z.number().openapi({ description, example });

const stepSchema = z
  .object({
    step: z.enum(STEPS).openapi({
      description:
        'The page was seen, its first input touched, a code sent, the form sent; an application accepted, a credit granted, a loan paid out',
      example: 'accepted',
    }),
    count: z.int().openapi({ description: 'Clicks that came to it, each once', example: 412 }),
    rate: share('Of the clicks; null without clicks', 0.103).nullable(),
    low: share('Lower end of the 95 % interval of the rate (Wilson)', 0.0942),
    high: share('Upper end', 0.1126),
  })
  .openapi('VariantStep', { description: 'How many clicks of a variant came to one step' });

const differenceSchema = z
  .object({
    value: share('Rate of the variant less rate of the control', 0.012),
    low: share('Lower end of its 95 % interval for one look (Newcombe)', -0.001),
    high: share('Upper end', 0.025),
  })
  .nullable()
  .openapi({
    description: 'How far its rate of accepted applications is from the control’s; null without clicks of both',
  });

const variantSchema = z
  .object({
    id: z.string().openapi({ description: 'Id of the variant', example: 'short' }),
    weight: z.int().nullable().openapi({ description: 'Its weight; null = the link has it no longer', example: 50 }),
    audience: audienceSchema.nullable().openapi({ description: 'Whom it is for; null = everybody else' }),
    clicks: z.int().openapi({ description: 'People whom it received: unique clicks, no robots', example: 4000 }),
    steps: z.array(stepSchema).openapi({ description: 'How far they came' }),
    control: z.string().nullable().openapi({
      description:
        'Variant that it is compared with: the first of the same audience; null = it is the control, or alone',
      example: 'plain',
    }),
    difference: differenceSchema,
    verdict: z.enum(VERDICTS).openapi({
      description:
        'better, worse: it holds however often you look. not_enough_data: nothing can be said yet. no_clear_difference: what was planned ' +
        'for has come, and none shows. uneven_split: clicks came in other shares than the weights say, so that no comparison means ' +
        'anything. not_compared: no other variant has its audience',
      example: 'not_enough_data',
    }),
    clicks_planned: z.int().nullable().openapi({
      description:
        'Clicks that each variant takes to show a rise of the control’s rate by a fifth; null = not known yet',
      example: 3841,
    }),
  })
  .openapi('VariantResult', { description: 'What one variant has brought' });

/** What a link's variants have brought, and what may be said of it. */
export const linkVariantsSchema = z
  .object({
    code: z.string().openapi({ description: 'Code of the link', example: 'acme-home' }),
    goal: z.enum([GOAL]).openapi({ description: 'Step that variants are compared by', example: GOAL }),
    alpha: share('Over all looks and all variants, how often at most one is called better or worse that is not', ALPHA),
    variants: z
      .array(variantSchema)
      .openapi({ description: 'Those of the link in its order, then those it had before' }),
  })
  .openapi('LinkVariants', { description: 'Results of a link’s variants; they follow events by a second at most' });

/** Reads what a link's variants have brought. */
export async function linkVariantsView(
  pages: Pick<PageReader, 'variantCounts'>,
  partnerId: string,
  { code, variants = [] }: Pick<PartnerLink, 'code' | 'variants'>,
): Promise<z.input<typeof linkVariantsSchema>> {
  const results = variantResults(variants, await pages.variantCounts(partnerId, code), splitOf(variants));
  return { code, goal: GOAL, alpha: ALPHA, variants: results.map(resultView) };
}

function resultView({ difference, steps, ...result }: VariantResult) {
  return {
    ...result,
    steps: steps.map(({ step, count, rate, ...interval }) => ({
      step: step as (typeof STEPS)[number],
      count,
      rate: rate === null ? null : rounded(rate),
      ...roundedInterval(interval),
    })),
    difference: difference && { value: rounded(difference.difference), ...roundedInterval(difference) },
  };
}

function roundedInterval({ low, high }: Interval): Interval {
  return { low: rounded(low), high: rounded(high) };
}

/** More digits than there are people only look exact. */
function rounded(share: number): number {
  return Math.round(share * 1e6) / 1e6;
}
