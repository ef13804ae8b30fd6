import { z } from '@hono/zod-openapi';
import { businessDay } from '../../base/business-day.ts';
import { DAY_MS } from '../../base/clock.ts';
import { daysBetween } from '../../base/days-between.ts';
import { bookDaySchema } from '../../http/common-schemas.ts';
import type { PageReader } from '../../insight/pages/page-reader.ts';
import { DEVICE_CLASSES } from '../../registry/schema/variants.ts';

/** Days of a page that are read without a range. */
const DAYS_LATELY = 28;

const counter = (description: string, example: number) => z.int().openapi({ description, example });
const rate = (description: string) =>
  z
    .number()
    .nullable()
    .openapi({ description: `${description}, of the visitors; null without any`, example: 0.41 });

const steps = {
  page_views: counter('Page loads (PV)', 1300),
  visitors: counter('Clicks that led to the page, each on the day on which it first did (UV)', 1000),
  started: counter('Visitors who touched an input', 700),
  otp_sent: counter('Visitors to whom a code was sent', 500),
  submitted: counter('Visitors who sent the form', 410),
  rates: z
    .object({ started: rate('Started'), otp_sent: rate('Got a code'), submitted: rate('Sent the form') })
    .openapi({ description: 'Conversion' }),
};

const spreadSchema = (description: string) =>
  z
    .object({
      median: z
        .int()
        .nullable()
        .openapi({ description: 'Half of them took at most so many seconds; null = there are none', example: 120 }),
      spread: z
        .array(
          z.object({
            up_to: counter('Seconds, at most; the last one is open', 60),
            count: counter('How many', 120),
          }),
        )
        .openapi({ description: 'How many took how long' }),
    })
    .openapi({ description });

/** What happened on a link's hosted page. */
export const pageFunnelSchema = z
  .object({
    from: bookDaySchema.openapi({ description: 'First day' }),
    to: bookDaySchema.openapi({ description: 'Last day' }),
    total: z.object(steps).openapi({ description: 'All of it' }),
    by_day: z
      .array(z.object({ day: bookDaySchema.openapi({ description: 'Day in the time zone of the product' }), ...steps }))
      .openapi({ description: 'Days on which something happened' }),
    by_device: z
      .array(
        z.object({ device: z.enum(DEVICE_CLASSES).openapi({ description: 'Class', example: 'mobile' }), ...steps }),
      )
      .openapi({ description: 'By class of device' }),
    by_variant: z
      .array(
        z.object({
          variant: z.string().nullable().openapi({ description: 'null = the page as it is', example: 'short' }),
          ...steps,
        }),
      )
      .openapi({ description: 'By variant' }),
    errors: z
      .array(
        z.object({
          field: z.string().openapi({ description: 'Input', example: 'id_number' }),
          code: z.string().openapi({ description: 'What was wrong', example: 'id_invalid' }),
          count: counter('How often', 37),
        }),
      )
      .openapi({ description: 'What people got wrong, most frequent first' }),
    seconds_to_submit: spreadSchema('From the load of the page to the form that was sent'),
    seconds_visible: spreadSchema('How long pages that were left had been visible, as far as browsers tell'),
  })
  .openapi('PageFunnel', { description: 'What happened on a link’s hosted page; nothing of any person' });

/** The last four weeks, in the time zone of a product. */
export function daysLately(nowMs: number, zone: string): readonly string[] {
  const to = businessDay(nowMs, zone);
  const from = businessDay(nowMs - (DAYS_LATELY - 1) * DAY_MS, zone);
  return daysBetween(from, to, DAYS_LATELY + 1) ?? [to];
}

/** Reads what happened on a link's hosted page. */
export async function pageFunnelView(
  pages: Pick<PageReader, 'funnel'>,
  partnerId: string,
  code: string,
  days: readonly string[],
): Promise<z.input<typeof pageFunnelSchema>> {
  const funnel = await pages.funnel(partnerId, code, days);
  return { from: days.at(0) ?? '', to: days.at(-1) ?? '', ...funnel } as z.input<typeof pageFunnelSchema>;
}
