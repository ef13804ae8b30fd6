import { z } from '@hono/zod-openapi';
import type { OtherRules } from '../../../attribution/simulate-attribution.ts';
import { msOf } from '../../../base/clock.ts';
import { instantSchema } from '../../../http/common-schemas.ts';

const SECONDS_MAX = 86_400;
const DAYS_MAX = 400;

export const modelSchema = z
  .enum(['first_valid', 'last_valid'])
  .openapi({ description: 'Which valid touch wins, for every partner', example: 'first_valid' });
export const minSecondsSchema = z.coerce
  .number()
  .int()
  .min(0)
  .max(SECONDS_MAX)
  .openapi({ description: 'Youngest touch that counts, seconds, for every partner', example: 15, type: 'integer' });
export const maxDaysSchema = z.coerce
  .number()
  .int()
  .min(1)
  .max(DAYS_MAX)
  .openapi({ description: 'Oldest touch that counts, days, for every partner', example: 7, type: 'integer' });
export const asOfSchema = instantSchema.openapi({
  description: 'Ages are measured at this instant instead of at the arrival; what came later does not count',
});

/** Rules as they were sent. */
export interface SentRules {
  readonly model?: 'first_valid' | 'last_valid' | undefined;
  readonly click_min_seconds?: number | undefined;
  readonly click_max_days?: number | undefined;
  readonly as_of?: string | undefined;
}

export function rulesOf({ model, click_min_seconds, click_max_days, as_of }: SentRules): OtherRules {
  return {
    ...(model ? { model: model === 'first_valid' ? 'first' : 'last' } : {}),
    minSeconds: click_min_seconds,
    maxDays: click_max_days,
    ...(as_of === undefined ? {} : { asOfMs: msOf(as_of) }),
  };
}

/** The rules as they are told back. */
export const rulesSchema = z
  .object({
    model: modelSchema.nullable(),
    click_min_seconds: z.int().nullable().openapi({ description: 'Youngest touch, seconds', example: null }),
    click_max_days: z.int().nullable().openapi({ description: 'Oldest touch, days', example: 7 }),
    as_of: instantSchema.nullable().openapi({ description: 'When ages were measured' }),
  })
  .openapi('OtherRules', { description: 'What was different; null = as it was decided' });
