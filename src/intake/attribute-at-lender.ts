import type { Application } from '../applications/model.ts';
import { isRevolving } from '../applications/product-as-accepted.ts';
import type { ClickStore } from '../attribution/click-store.ts';
import { decideAttribution } from '../attribution/decide-attribution.ts';
import type { HandoffStore } from '../attribution/handoffs/handoff-store.ts';
import type { RegistrationStore } from '../attribution/registration-store.ts';
import type { BoundTouch, TouchStore } from '../attribution/touch-store.ts';
import { isoOf } from '../base/clock.ts';
import { isId } from '../base/ids.ts';
import type { AttributionVerdict } from '../base/verdict.ts';
import type { ClaimReading } from '../screening/claim-store.ts';
import { type Standing, standingOf } from '../screening/standing.ts';
import { joinIntent } from './drive-intent.ts';
import type { IntakeDeps } from './intake-deps.ts';
import { RESERVATION_MS } from './reserve-accepted.ts';
import { modelOf, withWindows } from './touch-window.ts';

export interface ReportDeps extends IntakeDeps {
  readonly clicks: ClickStore;
  readonly touches: TouchStore;
  readonly registrations: RegistrationStore;
  readonly handoffs: Pick<HandoffStore, 'load'>;
}

/** Somebody who turned up at a lender. */
export interface Arrival {
  readonly lenderId: string;
  /** Every token that the report gives for them. */
  readonly tokens: readonly string[];
  /** The click that the lender names, if it is one of ours. */
  readonly clickId: string | null;
  /** The hand-off that the lender names, if it is one of ours. */
  readonly handoffId?: string | null;
  /** When they came: touches are judged by their age then. */
  readonly atMs: number;
}

export interface ArrivalFindings {
  readonly verdict: AttributionVerdict;
  readonly customer: 'new' | 'returning';
  /** Sub ids of the click that won. */
  readonly subIds: Readonly<Record<string, string>>;
}

/**
 * Decides who introduced somebody who turned up at a lender: whose claim is live there; else the touches that the lender
 * names or that are bound to the person; else nobody. A named click is bound to the person from now on.
 */
export async function attributeAtLender(deps: ReportDeps, arrival: Arrival): Promise<ArrivalFindings> {
  const nowMs = deps.clock.nowMs();
  const [readings, bound, named] = await Promise.all([
    deps.claims.read(arrival.lenderId, arrival.tokens),
    deps.touches.touchesOf(arrival.tokens),
    namedTouches(deps, arrival),
  ]);
  const owners = await ownersOf(deps, readings, nowMs);
  const touches = withWindows(deps.registry(), mergeTouches(bound, named));
  const claim = owners.find(({ isLive }) => isLive)?.application;
  const verdict = decideAttribution({
    ...(claim ? { claim: claimFact(claim) } : {}),
    touches,
    prechecks: reservations(readings),
    firstOrLast: modelOf(deps.registry(), touches),
    decidedAtMs: arrival.atMs,
  });
  const winner = verdict.click_id === null ? undefined : await deps.clicks.load(verdict.click_id);
  return {
    verdict: { ...verdict, decided_at: isoOf(nowMs) },
    customer: owners.some(({ standing }) => standing.kind === 'free' && standing.customer === 'returning')
      ? 'returning'
      : 'new',
    subIds: winner?.sub_ids ?? {},
  };
}

interface Owner {
  readonly application: Application;
  readonly standing: Standing;
  readonly isLive: boolean;
}

/** The applications behind the claims, longest accepted first, each decided about. */
export async function ownersOf(deps: IntakeDeps, readings: readonly ClaimReading[], nowMs: number): Promise<Owner[]> {
  const ids = [...new Set(readings.flatMap(({ ownerId }) => (ownerId === null ? [] : [ownerId])))];
  const owners = await Promise.all(ids.map((id) => judgeOwner(deps, id, nowMs)));
  return owners
    .filter((owner) => owner !== undefined)
    .sort((a, b) => (a.application.created_at < b.application.created_at ? -1 : 1));
}

async function judgeOwner(deps: IntakeDeps, id: string, nowMs: number): Promise<Owner | undefined> {
  const loaded = await deps.store.load(id);
  if (loaded === undefined) return undefined;
  const isScreening = loaded.application.status === 'screening';
  const application = isScreening ? await joinIntent(deps, id) : loaded.application;
  const revolving = isRevolving(application, deps.registry().products.get(application.product_id));
  const standing = standingOf(application, null, revolving, nowMs);
  // After a decline the retry date keeps everybody out, but nobody owns the person once the lock has ended.
  const isLocked = application.lock_until !== null && Date.parse(application.lock_until) > nowMs;
  const isKeptOut = standing.kind === 'taken' && standing.refusal.reason === 'recently_refused';
  return { application, standing, isLive: standing.kind === 'taken' && (!isKeptOut || isLocked) };
}

function claimFact({ id, attribution, accepted_at, created_at }: Application) {
  return { applicationId: id, partnerId: attribution.partner_id, atMs: Date.parse(accepted_at ?? created_at) };
}

/** What the lender names is bound to the person from now on; a hand-off that nobody opened is no touch. */
async function namedTouches(deps: ReportDeps, arrival: Arrival): Promise<BoundTouch[]> {
  const found = await Promise.all([namedClick(deps, arrival), namedHandoff(deps, arrival)]);
  return found.filter((touch) => touch !== undefined);
}

/** One to another lender's pages is as unknown here as one that there never was. */
async function namedHandoff(
  deps: ReportDeps,
  { handoffId, tokens, lenderId }: Arrival,
): Promise<BoundTouch | undefined> {
  const stored = handoffId && isId('hnd', handoffId) ? await deps.handoffs.load(handoffId) : undefined;
  if (stored === undefined || stored.spentAtMs === null || stored.handoff.lender_id !== lenderId) return undefined;
  const { id, partner_id } = stored.handoff;
  const touch: BoundTouch = { kind: 'handoff', id, partner_id, link_code: null, at_ms: stored.spentAtMs };
  if (tokens.length > 0) await deps.touches.bind(tokens, touch);
  return touch;
}

async function namedClick(deps: ReportDeps, { clickId, tokens }: Arrival): Promise<BoundTouch | undefined> {
  const click = clickId === null ? undefined : await deps.clicks.load(clickId);
  if (click === undefined) return undefined;
  if (tokens.length > 0) await deps.clicks.bind(click, tokens);
  const { id, partner_id, link_code, at_ms } = click;
  return { kind: 'click', id, partner_id, link_code, at_ms };
}

function mergeTouches(bound: readonly BoundTouch[], named: readonly BoundTouch[]): readonly BoundTouch[] {
  const ids = new Set(named.map(({ id }) => id));
  return [...named, ...bound.filter(({ id }) => !ids.has(id))];
}

/** Prechecks whose reservation is still known: shown among the candidates, never counted. */
function reservations(readings: readonly ClaimReading[]): { id: string; partnerId: string; atMs: number }[] {
  const found = new Map<string, { id: string; partnerId: string; atMs: number }>();
  for (const { hold } of readings) {
    if (hold === null) continue;
    const { precheck_id: id, partner_id: partnerId, until_ms: untilMs } = hold;
    found.set(id, { id, partnerId, atMs: untilMs - RESERVATION_MS });
  }
  return [...found.values()];
}
