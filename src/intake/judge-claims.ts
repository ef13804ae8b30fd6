import type { Application, Versioned } from '../applications/model.ts';
import { isRevolving } from '../applications/product-as-accepted.ts';
import type { Registry } from '../registry/registry.ts';
import type { ClaimReading } from '../screening/claim-store.ts';
import { type Refusal, refusal } from '../screening/decision.ts';
import { standingOf } from '../screening/standing.ts';

/** How claims are judged, and for whom. */
export interface ClaimsView {
  readonly registry: Registry;
  readonly load: (applicationId: string) => Promise<Versioned | undefined>;
  /** Who asks. */
  readonly partnerId: string | null;
  /** The application that asks; it is not in its own way. */
  readonly applicationId?: string;
  readonly nowMs: number;
  /** Whether what is being claimed at this moment counts as claimed. */
  readonly countUndecided: boolean;
}

export interface ClaimsJudged {
  readonly refusals: readonly Refusal[];
  readonly customer: 'new' | 'returning';
}

const NOTHING: ClaimsJudged = { refusals: [], customer: 'new' };

/** What claims and reservations of somebody at one lender mean for a partner; reads the applications behind them. */
export async function judgeClaims(view: ClaimsView, readings: readonly ClaimReading[]): Promise<ClaimsJudged> {
  const { applicationId, partnerId, nowMs } = view;
  const ids = new Set<string>();
  for (const { ownerId } of readings) if (ownerId !== null && ownerId !== applicationId) ids.add(ownerId);
  const held = readings.find(({ hold }) => hold && hold.partner_id !== partnerId && hold.until_ms > nowMs)?.hold;
  if (ids.size === 0 && !held) return NOTHING;
  const refusals: Refusal[] = held ? [refusal('other_channel', { retryAtMs: held.until_ms })] : [];
  let customer: ClaimsJudged['customer'] = 'new';
  for (const owner of await Promise.all([...ids].map(view.load))) {
    if (owner === undefined) continue;
    const judged = judgeOwner(view, owner.application);
    if (judged.refusal) refusals.push(judged.refusal);
    if (judged.customer === 'returning') customer = 'returning';
  }
  return { refusals, customer };
}

function judgeOwner(
  { registry, partnerId, nowMs, countUndecided }: ClaimsView,
  application: Application,
): { readonly refusal?: Refusal; readonly customer?: 'new' | 'returning' } {
  const revolving = isRevolving(application, registry.products.get(application.product_id));
  const standing = standingOf(application, partnerId, revolving, nowMs);
  if (standing.kind === 'taken') return { refusal: standing.refusal };
  if (standing.kind === 'free') return { customer: standing.customer };
  if (!countUndecided) return {};
  return { refusal: refusal(application.owner_id === partnerId ? 'in_progress' : 'other_channel') };
}
