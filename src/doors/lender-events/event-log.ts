import { z } from '@hono/zod-openapi';
import type { InboundLog } from '../../applications/inbound/inbound-log.ts';
import type { InboundRow } from '../../applications/inbound/inbound-row.ts';
import { mapBounded } from '../../base/map-bounded.ts';
import { instantSchema } from '../../http/common-schemas.ts';
import { decodeCursor, encodeCursor, foreignCursor, pageOf, pageQuery } from '../../http/pagination.ts';
import { findLenderEvent } from '../../intake/find-lender-event.ts';
import type { LenderEventDeps } from '../../intake/lender-events.ts';

/** Held events of a page that are looked up at the same time. */
const AT_ONCE = 16;

const RESULTS = ['applied', 'duplicate', 'held', 'rejected'] as const;
const EXAMPLE_APPLICATION = 'app_1f8ac10f23c5b5bc1167bda84b833e5c';
const example = '2026-03-02T04:05:06.000Z';

const rowSchema = z
  .object({
    at: z.string().openapi({ description: 'When it came, RFC 3339 in business time', example }),
    id: z.string().nullable().openapi({ description: 'The lender’s id of the event; null = none', example: 'L-1' }),
    type: z
      .string()
      .nullable()
      .openapi({ description: 'What happened; null = no type that there is', example: 'credit.granted' }),
    occurred_at: z
      .string()
      .nullable()
      .openapi({ description: 'When it happened, as stated; null = not a readable instant', example }),
    application_id: z
      .string()
      .nullable()
      .openapi({ description: 'Application that it was found to be about', example: EXAMPLE_APPLICATION }),
    result: z.enum(RESULTS).openapi({ description: 'What it was answered', example: 'applied' }),
    code: z
      .string()
      .nullable()
      .openapi({ description: 'Why it was rejected, as in the answer', example: 'currency_mismatch' }),
    detail: z
      .string()
      .nullable()
      .openapi({ description: 'What was wrong, and where', example: '/data/amount: is in USD' }),
    now: z.enum(['applied', 'held', 'rejected']).nullable().openapi({
      description:
        'Of one that was held: what it has come to by now. rejected = what it waited for did not come in time',
      example: null,
    }),
  })
  .openapi('LenderEventLogEntry', { description: 'One event that was posted, and its answer' });

/** The query of both doors. */
export const eventLogQuery = z.strictObject({
  ...pageQuery,
  since: instantSchema.optional().openapi({ description: 'Only what came since, in business time', example }),
  result: z.enum(RESULTS).optional().openapi({ description: 'Only with this answer', example: 'rejected' }),
});

export const eventLogAnswer = {
  description: 'A page, oldest first',
  content: { 'application/json': { schema: pageOf(rowSchema) } },
};

export interface EventLogDeps {
  readonly inbound: Pick<InboundLog, 'page'>;
  readonly lenderEvents: Pick<LenderEventDeps, 'store'>;
}

/**
 * A page of what a lender posted lately.
 * @throws ProblemError 422 for a cursor that is none of this list
 */
export async function readEventLog(deps: EventLogDeps, lenderId: string, query: z.output<typeof eventLogQuery>) {
  const { cursor, limit, since, result } = query;
  const [after] = decodeCursor(cursor, 1) ?? [];
  const from = since === undefined ? undefined : new Date(since).toISOString();
  const page = await deps.inbound.page(lenderId, { since: from, result, after, limit });
  if (page === undefined) throw foreignCursor();
  const data = await mapBounded(page.rows, AT_ONCE, async (row) => ({
    ...row,
    now: await stateOf(deps, lenderId, row),
  }));
  return { data, next_cursor: page.next === null ? null : encodeCursor([page.next]) };
}

async function stateOf({ lenderEvents }: EventLogDeps, lenderId: string, { id, result }: InboundRow) {
  if (result !== 'held' || id === null) return null;
  return (await findLenderEvent(lenderEvents, { id: lenderId }, id))?.remembered.result ?? null;
}
