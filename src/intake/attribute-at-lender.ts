import type { Application } from '../applications/model.ts';
import { isRevolving } from '../applications/product-as-accepted.ts';
import { decideAttribution, type LiveClaim } from '../attribution/decide-attribution.ts';
import type { RegistrationStore } from '../attribution/registration-store.ts';
import type { ReceivedBy } from '../base/variant-mark.ts';
import type { AttributionVerdict } from '../base/verdict.ts';
import type { ClaimReading } from '../screening/claim-store.ts';
import { type Standing, standingOf } from '../screening/standing.ts';
import { joinIntent } from './drive-intent.ts';
import { gatherTouches } from './gather-touches.ts';
import type { IntakeDeps } from './intake-deps.ts';
import { receivedBy } from './receive-by-variant.ts';
import { RESERVATION_MS } from './reserve-accepted.ts';
import { withTerms, withWindows } from './touch-window.ts';

export interface ReportDeps extends IntakeDeps {
  readonly registrations: RegistrationStore;
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
  /** The variant that received them by that click; undefined when none did. */
  readonly receivedBy: ReceivedBy | undefined;
}

/**
 * Decides who introduced somebody who turned up at a lender: whose claim is live there; else the touches that the lender
 * names or that are bound to the person; else nobody. A named click is bound to the person from now on.
 */
export async function attributeAtLender(deps: ReportDeps, arrival: Arrival): Promise<ArrivalFindings> {
  const nowMs = deps.clock.nowMs();
  const { lenderId, tokens, clickId, handoffId, atMs } = arrival;
  const [readings, touches] = await Promise.all([
    deps.claims.read(lenderId, tokens),
    gatherTouches(deps, tokens, { lenderId, clickId, handoffId, binds: true }),
  ]);
  const owners = await ownersOf(deps, readings, nowMs);
  const decided = decideAttribution({
    claims: owners.filter(({ isLive }) => isLive).map(({ application }) => claimFact(application)),
    touches: withWindows(deps.registry(), touches),
    prechecks: reservations(readings),
    arrivedAtMs: atMs,
    decidedAtMs: nowMs,
  });
  const verdict = withTerms(deps.registry(), decided, atMs);
  const winner = verdict.click_id === null ? undefined : await deps.clicks.load(verdict.click_id);
  return {
    verdict,
    customer: owners.some(({ standing }) => standing.kind === 'free' && standing.customer === 'returning')
      ? 'returning'
      : 'new',
    subIds: winner?.sub_ids ?? {},
    receivedBy: receivedBy(winner),
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

function claimFact({ id, attribution, accepted_at, created_at }: Application): LiveClaim {
  return { applicationId: id, partnerId: attribution.partner_id, atMs: Date.parse(accepted_at ?? created_at) };
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
