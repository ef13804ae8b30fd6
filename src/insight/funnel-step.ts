import { businessDay } from '../base/business-day.ts';
import { msOf } from '../base/clock.ts';
import type { EventContext, LogEvent } from '../events/event.ts';

/** What one event adds to a partner's funnel. Clicks are no events, but for those that become billable later: they are counted from their own logs (clicks/). */
export interface FunnelStep {
  readonly partnerId: string;
  readonly productId: string | null;
  readonly linkCode: string | null;
  /** Business day on which it happened, `YYYY-MM-DD`. */
  readonly day: string;
  /** What is added; principal in minor units. */
  readonly counts: readonly FunnelCount[];
}

export interface FunnelCount {
  readonly measure: string;
  readonly amount: number;
  /** Only when nothing has been counted of this subject before. */
  readonly firstOnly?: true;
}

/** Names of the counters; those with a suffix are families. */
export const MEASURES = {
  clicksRaw: 'clicks.raw',
  clicksUnique: 'clicks.unique',
  clicksBillable: 'clicks.billable',
  /** + why a click did not go where its link leads: `paused`, `hours`, `suspended`, `capped` … */
  clicksDiverted: 'clicks.diverted:',
  /** Unique ones that went where the link leads, and are not billable because its traffic is in doubt */
  clicksHeld: 'clicks.held',
  /** + what was wrong with the address of a signed link */
  clicksEntry: 'clicks.entry:',
  registrations: 'registrations',
  applications: 'applications',
  refused: 'refused',
  granted: 'granted',
  disbursed: 'disbursed',
  /** + reason code */
  refusedReason: 'refused:',
  /** + ISO 4217 */
  principal: 'principal:',
} as const;

/** A click that was counted when it came, and was not billable then. */
const RESTORED: readonly FunnelCount[] = [
  { measure: MEASURES.clicksBillable, amount: 1 },
  { measure: MEASURES.clicksHeld, amount: -1 },
];

/** Wherever an application comes in, it counts once: with whatever is first heard of it. */
const APPLICATION: FunnelCount = { measure: MEASURES.applications, amount: 1, firstOnly: true };

/**
 * What an event adds to whose funnel; null when it adds nothing. An applicant without a partner is in nobody's funnel.
 * @param timeZoneOf IANA zone of a product's business day
 * @throws TypeError when the event is not shaped as its type says: a fault of whoever wrote it
 */
export function funnelStepOf(event: LogEvent, timeZoneOf: (productId: string | null) => string): FunnelStep | null {
  const counts = countsOf(event);
  if (counts === null) return null;
  const place = event.type === 'click.recorded' ? placeOfClick(event.data) : placeOfContext(event.context);
  if (place === null) return null;
  const day = businessDay(msOf(event.occurred_at), timeZoneOf(place.productId));
  return { ...place, day, counts };
}

function countsOf({ type, data }: LogEvent): readonly FunnelCount[] | null {
  switch (type) {
    case 'click.recorded':
      return data.restored === undefined ? null : RESTORED;
    case 'applicant.registered':
      return [one(MEASURES.registrations)];
    case 'application.received':
    case 'application.submitted':
      return [APPLICATION];
    case 'application.refused':
      return [
        APPLICATION,
        one(MEASURES.refused),
        one(`${MEASURES.refusedReason}${textOf(data, 'reason') ?? 'unknown'}`),
      ];
    case 'credit.granted':
      return [APPLICATION, one(MEASURES.granted)];
    case 'loan.disbursed': {
      const measure = `${MEASURES.principal}${textOf(data, 'currency') ?? 'XXX'}`;
      return [APPLICATION, one(MEASURES.disbursed), { measure, amount: minorUnitsOf(data, 'principal') }];
    }
    default:
      return null;
  }
}

function one(measure: string): FunnelCount {
  return { measure, amount: 1 };
}

type Place = Pick<FunnelStep, 'partnerId' | 'productId' | 'linkCode'>;

function placeOfClick(data: LogEvent['data']): Place | null {
  const partnerId = textOf(data, 'partner_id');
  if (partnerId === null) return null;
  return { partnerId, productId: textOf(data, 'product_id'), linkCode: textOf(data, 'link_code') };
}

function placeOfContext(context: EventContext | null): Place | null {
  const partnerId = context?.owner_id ?? context?.partner_id ?? null;
  if (context === null || partnerId === null) return null;
  return { partnerId, productId: context.product_id, linkCode: context.link_code };
}

function textOf(data: LogEvent['data'], name: string): string | null {
  const value = data[name] ?? null;
  if (value === null || typeof value === 'string') return value;
  throw new TypeError(`${name} of the event is no text`);
}

function minorUnitsOf(data: LogEvent['data'], name: string): number {
  const value = data[name];
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new TypeError(`${name} of the event is no integer of minor units`);
}
