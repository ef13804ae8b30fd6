import { hash } from 'node:crypto';
import { type Clock, SECOND_MS } from '../../base/clock.ts';
import type { Postback } from '../../registry/schema/channels.ts';
import type { Destination, LaneMemory, Prepared } from '../channels/destination.ts';
import type { DeliveryViews, Earned, Money, PostbackFacts } from '../delivery-views.ts';
import type { PlacedEntry } from '../feed/feed-entry.ts';
import { isTold, type Visibility } from '../feed/is-told.ts';
import { DELIVERY_TIMEOUT_MS } from '../webhooks/webhook-destination.ts';
import { fillMacros, macrosOf } from './fill-macros.ts';
import { payoutStep } from './payout-memory.ts';

/** What of a partner's file postbacks need. */
export interface PostbackPartner {
  readonly id: string;
  readonly visibility: Visibility;
  readonly postbacks: readonly Postback[];
  /** Signs `{sig}`; null = the partner has none. */
  readonly secret: Uint8Array | null;
}

export interface PostbackDeps {
  readonly views: DeliveryViews;
  /** Real time: `{ts}`. */
  readonly realClock: Clock;
}

const NAME_DIGITS = 12;
const PART_DIGITS = 8;
const TARGET_DIGITS = 16;

/** Where a partner's postbacks go: one channel a host, so that a tracker that is down holds up no other. */
export function postbackDestinations(partner: PostbackPartner, deps: PostbackDeps): Destination[] {
  const byOrigin = new Map<string, Postback[]>();
  for (const postback of partner.postbacks) {
    const origin = new URL(postback.url.replaceAll(/[{}]/g, '')).origin;
    byOrigin.set(origin, [...(byOrigin.get(origin) ?? []), postback]);
  }
  return [...byOrigin].map(([origin, postbacks]) => destinationOf(partner, origin, postbacks, deps));
}

function destinationOf(
  partner: PostbackPartner,
  origin: string,
  postbacks: readonly Postback[],
  deps: PostbackDeps,
): Destination {
  const parts = new Map(postbacks.map((postback) => [partOf(postback), postback]));
  return {
    partnerId: partner.id,
    name: `postback-${hash('sha256', origin, 'hex').slice(0, NAME_DIGITS)}`,
    kind: 'postback',
    host: new URL(origin).host,
    target: hash('sha256', [...parts.keys()].join(' '), 'hex').slice(0, TARGET_DIGITS),
    partsOf: ({ type }) =>
      isTold(type, partner.visibility) ? [...parts].flatMap(([part, { on }]) => (on === type ? [part] : [])) : [],
    async prepare(entry, part, lane) {
      const postback = parts.get(part);
      // It was taken out of the file.
      if (postback === undefined || !isTold(entry.type, partner.visibility)) return { kind: 'nothing' };
      return prepare(partner, postback, entry, lane, deps);
    },
  };
}

/** One postback of a file; another URL is another one. */
function partOf({ on, method, url }: Postback): string {
  return hash('sha256', `${on} ${method} ${url}`, 'hex').slice(0, PART_DIGITS);
}

async function prepare(
  partner: PostbackPartner,
  { method, url }: Postback,
  entry: PlacedEntry,
  lane: LaneMemory,
  { views, realClock }: PostbackDeps,
): Promise<Prepared> {
  const macros = macrosOf(url);
  const needsPayout = macros.has('payout') || macros.has('delta_payout');
  const earned: Earned = needsPayout ? await views.earned(partner.id, entry) : { kind: 'known', sums: [] };
  if (earned.kind === 'later') return earned;
  const facts = await views.postbackFacts(partner.id, entry);
  const sum = sumTold(earned.sums, facts);
  const step = needsPayout ? payoutStep(await lane.told(), entry.id, sum.minor) : undefined;
  if (step?.before !== undefined) await lane.remember(step.before);
  // Of what never earned anything no currency is known, and 0 is 0 in all of them.
  const money = (minor: bigint = 0n): string =>
    sum.currency === '' ? '0' : views.majorUnits({ minor, currency: sum.currency });
  const values = {
    ...valuesOf(partner.id, entry, facts, views),
    payout: money(step?.payout),
    delta_payout: money(step?.delta),
    currency: sum.currency,
    ts: String(Math.floor(realClock.nowMs() / SECOND_MS)),
  };
  const request = { url: fillMacros(url, values, partner.secret), method, timeoutMs: DELIVERY_TIMEOUT_MS };
  return { kind: 'ready', request, ...(step === undefined ? {} : { told: step.after }) };
}

/** One currency is told: that of the event, or what was earned in. Nothing earned is 0 of it. */
function sumTold(sums: readonly Money[], { amount }: PostbackFacts): Money {
  const currency = amount?.currency ?? sums[0]?.currency ?? '';
  return sums.find((sum) => sum.currency === currency) ?? { minor: 0n, currency };
}

function valuesOf(partnerId: string, entry: PlacedEntry, facts: PostbackFacts, { majorUnits }: DeliveryViews) {
  const sub = (number: number): string => facts.subIds[`sub${number}`] ?? '';
  return {
    click_id: facts.clickId,
    sub1: sub(1),
    sub2: sub(2),
    sub3: sub(3),
    sub4: sub(4),
    sub5: sub(5),
    sub6: sub(6),
    sub7: sub(7),
    sub8: sub(8),
    sub9: sub(9),
    sub10: sub(10),
    partner_id: partnerId,
    link: facts.link,
    application_id: facts.applicationId,
    partner_ref: facts.partnerRef,
    event: entry.type,
    status: facts.status,
    amount: facts.amount === null ? '' : majorUnits(facts.amount),
    occurred_at: entry.occurred_at,
    reason: facts.reason,
  };
}
