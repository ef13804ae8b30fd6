import { z } from '@hono/zod-openapi';
import { msOf } from '../../base/clock.ts';
import { bookDaySchema, idSchema, instantSchema } from '../../http/common-schemas.ts';
import { decodeCursor, encodeCursor, pageQuery } from '../../http/pagination.ts';
import { plusDays, startOfLocalDay } from '../../revenue/calendar.ts';
import { listCommissions } from '../../revenue/list-commissions.ts';
import type { RevenueDesk } from '../../revenue/revenue-desk.ts';
import { commissionStatusSchema } from './commission-schema.ts';

const momentSchema = z.union([instantSchema, bookDaySchema], {
  error: 'must be an RFC 3339 instant or a day YYYY-MM-DD',
});

/** Query of a list of commissions. */
export const commissionQuerySchema = z.strictObject({
  ...pageQuery,
  status: commissionStatusSchema.optional(),
  from: momentSchema.optional().openapi({
    description: 'occurred_at from this instant, or this day in the time zone of the terms, on',
    example: '2026-01-01',
  }),
  to: momentSchema.optional().openapi({
    description: 'occurred_at before this instant, or until the end of this day',
    example: '2026-01-31',
  }),
  application_id: z
    .union([idSchema('app'), idSchema('reg')])
    .optional()
    .openapi({
      description: 'Only of this application, or this registration',
      example: 'app_1f8ac10f23c5b5bc1167bda84b833e5c',
      param: { name: 'application_id', in: 'query' },
    }),
});

const DATE_LENGTH = 'YYYY-MM-DD'.length;
const DEFAULT_TIMEZONE = 'UTC';

/** A page of a counterparty's commissions, newest event first. */
export async function commissionPage(
  desk: Pick<RevenueDesk, 'ledger' | 'periods' | 'contractsOf'>,
  partnerId: string,
  query: z.output<typeof commissionQuerySchema>,
) {
  const timezone = desk.contractsOf(partnerId)?.[0]?.timezone ?? DEFAULT_TIMEZONE;
  const [after] = decodeCursor(query.cursor, 1) ?? [];
  const { data, next } = await listCommissions(desk.ledger, desk.periods, partnerId, {
    ...(query.status === undefined ? {} : { status: query.status }),
    ...(query.from === undefined ? {} : { fromMs: momentMs(query.from, timezone, 0) }),
    ...(query.to === undefined ? {} : { toMs: momentMs(query.to, timezone, 1) }),
    ...(query.application_id === undefined ? {} : { applicationId: query.application_id }),
    ...(after === undefined ? {} : { after }),
    limit: query.limit,
  });
  return { data: [...data], next_cursor: next === null ? null : encodeCursor([next]) };
}

/** @param days added to a day, so that an end takes the whole day in */
function momentMs(text: string, timezone: string, days: number): number {
  return text.length === DATE_LENGTH ? startOfLocalDay(plusDays(text, days), timezone) : msOf(text);
}
