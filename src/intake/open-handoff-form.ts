import { type Handoff, type Prefill, personPlace } from '../attribution/handoffs/handoff.ts';
import { isId } from '../base/ids.ts';
import { isMacOf, macOf } from '../trust/sign-address.ts';
import type { LinkTarget } from './find-link.ts';
import type { ReturnDeps } from './return-from-handoff.ts';

/** Our own form, as a hand-off opens it. */
export interface HandoffForm {
  /** As that of a link whose code is the hand-off's id. */
  readonly target: LinkTarget;
  readonly handoff: Handoff;
  readonly prefill: Prefill;
  /** The application that was made on it already; null = none. */
  readonly appliedAs: string | null;
}

/** Proves that a browser is the one that opened a hand-off: only that one was ever given it. */
export function holderProof(returnKey: Uint8Array, handoffId: string): string {
  return macOf(returnKey, `holder/${handoffId}`);
}

/**
 * The form of a hand-off that was opened, for the browser that opened it; undefined for any other, and when its time is over.
 * @param proof what the browser holds
 */
export async function openHandoffForm(
  deps: ReturnDeps,
  handoffId: string,
  proof: string,
): Promise<HandoffForm | undefined> {
  if (!isId('hnd', handoffId) || !isMacOf(deps.returnKey, `holder/${handoffId}`, proof)) return undefined;
  const stored = await deps.handoffs.load(handoffId);
  if (stored === undefined || (stored.formUntilMs ?? 0) <= deps.realClock.nowMs()) return undefined;
  const { handoff, sealed, appliedAs } = stored;
  const target = targetOf(deps, handoff);
  return target && { target, handoff, prefill: openPrefill(deps, handoff, sealed), appliedAs };
}

function targetOf({ registry }: ReturnDeps, { id, partner_id, product_id }: Handoff): LinkTarget | undefined {
  const { traffic, products } = registry();
  const [partner, product] = [traffic.get(partner_id), products.get(product_id)];
  if (partner === undefined || product === undefined) return undefined;
  return {
    code: id,
    partner,
    product,
    landing: 'hosted',
    fallbackUrl: null,
    caps: {},
    sameVisitorMs: 0,
    pass: [],
    params: {},
    host: null,
    variants: [],
    paused: undefined,
  };
}

function openPrefill({ sealer }: ReturnDeps, { id }: Handoff, sealed: string | undefined): Prefill {
  if (sealed === undefined) return {};
  const opened = sealer.openJson(sealed, personPlace(id), { purpose: 'hosted_page', applicationId: null, actor: null });
  return opened.ok ? (opened.plain as Prefill) : {};
}
