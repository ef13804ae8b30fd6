import { z } from '@hono/zod-openapi';
import { mapBounded } from '../../../base/map-bounded.ts';
import { pageQuery } from '../../../http/pagination.ts';
import { ProblemError } from '../../../http/problem.ts';
import type { FunnelReader, LinkStats } from '../../../insight/funnel-reader.ts';
import type { PartnerLink } from '../../../intake/partner-links.ts';
import type { Registry } from '../../../registry/registry.ts';
import { offsetPage } from '../offset-page.ts';
import type { LinkEarnings } from '../partner-deps.ts';
import { linkLabelSchema } from './link-schema.ts';
import type { LinkStatsRow } from './link-stats-schema.ts';
import { ALL_LINKS_DAYS_MAX, statsDays, statsRangeQuery } from './stats-days.ts';

const SORTS = [
  'code',
  'clicks',
  'unique',
  'billable',
  'registrations',
  'applications',
  'granted',
  'disbursed',
] as const;
type Sort = (typeof SORTS)[number];

/** Links whose counters are read at one time. */
const READ_AT_ONCE = 200;

/** Days of single links that one request reads at the most: a thousand links for a month. */
const LINK_DAYS_READ_MAX = 31_000;

/** Query of a page of all links' stats. */
export const allLinkStatsQuery = z.strictObject({
  ...statsRangeQuery(ALL_LINKS_DAYS_MAX),
  sort: z
    .enum(SORTS)
    .default('clicks')
    .openapi({ description: 'What comes first has most of it; `code` goes by the alphabet', example: 'applications' }),
  label: linkLabelSchema.optional().openapi({ description: 'Only links of this label', example: 'Shop 17' }),
  ...pageQuery,
});

export interface AllLinkStatsDeps {
  readonly registry: () => Registry;
  readonly funnel: Pick<FunnelReader, 'linkStats'>;
  readonly earnings: LinkEarnings;
}

const VALUES: Readonly<Record<Exclude<Sort, 'code'>, (stats: LinkStats) => number>> = {
  clicks: ({ clicks }) => clicks.raw,
  unique: ({ clicks }) => clicks.unique,
  billable: ({ clicks }) => clicks.billable,
  registrations: ({ registrations }) => registrations,
  applications: ({ applications }) => applications,
  granted: ({ granted }) => granted,
  disbursed: ({ disbursed }) => disbursed.count,
};

interface Row {
  readonly link: PartnerLink;
  readonly currency: string;
  readonly stats: LinkStats;
}

/**
 * A page of what each of a partner's links has brought; links with nothing stand in it too. Links of products that are gone
 * are left out: there is no currency to tell their loans in.
 * @throws ProblemError 422 for a range or a cursor that cannot be
 */
export async function allLinkStats(
  deps: AllLinkStatsDeps,
  partnerId: string,
  links: readonly PartnerLink[],
  query: z.output<typeof allLinkStatsQuery>,
): Promise<{ data: LinkStatsRow[]; next_cursor: string | null }> {
  const days = statsDays(query, ALL_LINKS_DAYS_MAX);
  const { products } = deps.registry();
  const known = links.flatMap((link) => {
    const currency = products.get(link.product_id)?.currency;
    const isWanted = query.label === undefined || link.label === query.label;
    return currency === undefined || !isWanted ? [] : [{ link, currency }];
  });
  if (known.length * (days?.length ?? 1) > LINK_DAYS_READ_MAX) throw tooMuch(known.length);
  const rows = await mapBounded(known, READ_AT_ONCE, async ({ link, currency }): Promise<Row> => {
    return { link, currency, stats: await deps.funnel.linkStats(partnerId, link.code, currency, days) };
  });
  const page = offsetPage(rows.sort(order(query.sort)), query);
  const data = await Promise.all(page.data.map((row) => rowView(deps, partnerId, row, days === undefined)));
  return { data, next_cursor: page.next_cursor };
}

async function rowView(
  { earnings }: AllLinkStatsDeps,
  partnerId: string,
  { link, currency, stats }: Row,
  withMoney: boolean,
): Promise<LinkStatsRow> {
  const { code, label, product_id, paused } = link;
  const commission = withMoney ? { amount: await earnings.ofLink(partnerId, code, currency), currency } : null;
  return { code, label, product_id, status: paused === undefined ? 'active' : 'paused', ...stats, commission };
}

function tooMuch(links: number): ProblemError {
  const message = `for ${links} links must be at most ${Math.floor(LINK_DAYS_READ_MAX / links)} days: fewer days, or one label`;
  return new ProblemError('validation_failed', `/to: ${message}`, {
    errors: [{ pointer: '/to', in: 'query', code: 'out_of_range', message }],
  });
}

/** Most first; equals by code, so that pages do not overlap while nothing changes. */
function order(sort: Sort): (one: Row, other: Row) => number {
  const byCode = (one: Row, other: Row): number => (one.link.code < other.link.code ? -1 : 1);
  if (sort === 'code') return byCode;
  const measure = VALUES[sort];
  return (one, other) => measure(other.stats) - measure(one.stats) || byCode(one, other);
}
