import { z } from '@hono/zod-openapi';
import { bookDaySchema, moneySchema } from '../../../http/common-schemas.ts';
import { linkCodeSchema, linkLabelSchema } from './link-schema.ts';

const counter = (description: string) => z.int().openapi({ description, example: 0 });

const clicksSchema = z
  .object({
    raw: counter('All clicks, bots too'),
    unique: counter('Visitors'),
    billable: counter('Clicks that may be paid for'),
    held: counter(
      'Unique clicks that are not billable because the traffic of the link was in doubt (cause quality_hold); see /v1/quality',
    ),
    entry: z.record(z.string(), z.int()).openapi({
      description:
        'Arrivals by an address that was not as you had signed it, by what was wrong (unsigned, malformed, key_unknown, invalid, ' +
        'expired, expires_too_late); with entry_links report_only they are clicks like any other',
      example: { expired: 4 },
    }),
    diverted: z.record(z.string(), z.int()).openapi({
      description:
        'Clicks that did not go where the link leads, by cause (paused, hours, suspended, link_paused, capped, entry_…): ' +
        'counted, sent to fallback_url where the link has one, not billable',
      example: { paused: 12 },
    }),
  })
  .openapi({ description: 'Clicks' });

const counts = {
  clicks: clicksSchema,
  registrations: counter('Registrations at the lender'),
  applications: counter('Applications, refused ones too'),
  refused: counter('Applications refused; each has its reason'),
  granted: counter('Credits granted'),
  disbursed: z
    .object({ count: counter('Loans paid out'), principal: moneySchema.openapi({ description: 'Money paid out' }) })
    .openapi({ description: 'Loans' }),
};

const commissionSchema = moneySchema.nullable().openapi({
  description: 'What it has earned you so far, pending lines too; null for a range of days: ask GET /v1/commissions',
});

const daySchema = z
  .object({ day: bookDaySchema.openapi({ description: 'Day in the time zone of the product' }), ...counts })
  .openapi('LinkStatsDay', {
    description: 'What happened on one day; a loan counts on the day on which it was paid out',
  });

/** What a link has brought. */
export const linkStatsSchema = z
  .object({
    ...counts,
    commission: commissionSchema,
    days: z
      .array(daySchema)
      .optional()
      .openapi({ description: 'Each day of the range, the earliest first; absent = no range was asked for' }),
  })
  .openapi('LinkStats', { description: 'The funnel of one link; follows events by milliseconds' });

/** One link among all. */
export const linkStatsRowSchema = z
  .object({
    code: linkCodeSchema,
    label: linkLabelSchema.nullable().openapi({ description: 'Your own name for it', example: 'Shop 17' }),
    product_id: z.string().openapi({ description: 'Product', example: 'quick-cash' }),
    status: z.enum(['active', 'paused']).openapi({ description: 'Whether it is switched on', example: 'active' }),
    ...counts,
    commission: commissionSchema,
  })
  .openapi('LinkStatsRow', { description: 'The funnel of one link among all' });

export type LinkStatsView = z.input<typeof linkStatsSchema>;
export type LinkStatsRow = z.input<typeof linkStatsRowSchema>;
