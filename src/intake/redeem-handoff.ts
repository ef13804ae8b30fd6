import { z } from 'zod';
import { type Handoff, personPlace, type StoredHandoff } from '../attribution/handoffs/handoff.ts';
import { readToken } from '../attribution/handoffs/handoff-token.ts';
import { msOf, SECOND_MS } from '../base/clock.ts';
import { urlFault } from '../registry/validate-url.ts';
import { closedFor, type HandoffDeps } from './make-handoff.ts';

export interface RedeemDeps extends HandoffDeps {
  /** Where the lender sends the applicant back to: an address of ours that leads on to the partner. */
  readonly returnAddress: (handoffId: string) => string;
}

export interface FormDeps extends RedeemDeps {
  /** Whether our own form takes applications: somebody verifies phones. */
  readonly formIsOpen: () => boolean;
}

export type Redeemed =
  | { readonly kind: 'open'; readonly url: string }
  /** Our own form is shown to whoever holds the proof. */
  | { readonly kind: 'form'; readonly handoffId: string }
  /** Nobody can apply for the product now; the hand-off stays good. */
  | { readonly kind: 'closed' }
  /** Used, over, or never made: nobody is told which. */
  | { readonly kind: 'gone' }
  /** A fetcher that may not spend it. */
  | { readonly kind: 'wait' }
  /** The lender cannot be reached; the hand-off stays good. */
  | { readonly kind: 'unavailable' };

/** A person waits. */
const ASK_TIMEOUT_MS = 5 * SECOND_MS;

const answerSchema = z.object({ url: z.string().max(2048) });

/**
 * Redeems a hand-off: asks the lender for its page, spends the hand-off, and binds it to the person. A lender that does not
 * answer spends nothing. Where the product is applied for on our own form, nobody is asked.
 * @param isFetcher a bot, or a browser that fetches ahead: answered without spending
 */
export async function redeemHandoff(deps: FormDeps, token: string, isFetcher: boolean): Promise<Redeemed> {
  const read = readToken(token);
  const stored = read === undefined ? undefined : await deps.handoffs.find(read.handoffId, read.digest);
  if (stored === undefined || isOver(stored, deps.clock.nowMs())) return { kind: 'gone' };
  if (isFetcher) return { kind: 'wait' };
  const { handoff } = stored;
  const way = wayOf(deps, handoff);
  if (way === 'closed') return { kind: 'closed' };
  if (!(await deps.handoffs.take(handoff.id))) return { kind: 'gone' };
  const url = way === 'form' ? null : await lenderPage(deps, stored);
  if (url === undefined) {
    await deps.handoffs.giveBack(handoff.id);
    return { kind: 'unavailable' };
  }
  const nowMs = deps.clock.nowMs();
  await deps.touches.bind(handoff.tokens, {
    kind: 'handoff',
    id: handoff.id,
    partner_id: handoff.partner_id,
    link_code: null,
    lender_id: handoff.lender_id,
    at_ms: nowMs,
  });
  if (url !== null) await deps.handoffs.spend(handoff.id, nowMs);
  else await deps.handoffs.spendOnForm(handoff.id, nowMs);
  return url === null ? { kind: 'form', handoffId: handoff.id } : { kind: 'open', url };
}

/** Where it leads now. Nobody is sent on to apply for what takes nobody, or for a partner that may send nobody. */
function wayOf(deps: FormDeps, { destination, partner_id, product_id }: Handoff): 'lender' | 'form' | 'closed' {
  if (destination !== 'apply') return 'lender';
  const { traffic, products } = deps.registry();
  const [partner, product] = [traffic.get(partner_id), products.get(product_id)];
  const isClosed = !partner || !product || closedFor(deps, partner, product, deps.clock.nowMs()) !== undefined;
  if (isClosed) return 'closed';
  if (product.apply_at !== 'hosted') return 'lender';
  return deps.formIsOpen() ? 'form' : 'closed';
}

function isOver({ handoff, spentAtMs }: StoredHandoff, nowMs: number): boolean {
  return spentAtMs !== null || msOf(handoff.expires_at) <= nowMs;
}

/** The lender's page for this applicant; undefined when it gives none that may be opened. */
async function lenderPage(deps: RedeemDeps, stored: StoredHandoff): Promise<string | undefined> {
  const { handoff } = stored;
  const application = handoff.application_id ? (await deps.store.load(handoff.application_id))?.application : undefined;
  const loan = application?.loans.find(({ id }) => id === handoff.loan_id);
  const reply = await deps.calls.ask({
    lenderId: handoff.lender_id,
    productId: handoff.product_id,
    path: '/handoffs',
    timeoutMs: ASK_TIMEOUT_MS,
    body: {
      handoff_id: handoff.id,
      destination: handoff.destination,
      product_id: handoff.product_id,
      application_id: handoff.application_id,
      lender_ref: application?.lender_ref ?? null,
      loan_id: handoff.loan_id,
      loan_ref: loan?.lender_ref ?? null,
      partner: { id: handoff.partner_id, kind: deps.registry().traffic.get(handoff.partner_id)?.kind ?? null },
      applicant: openApplicant(deps, handoff, stored.sealed),
      return_url: deps.returnAddress(handoff.id),
    },
  });
  if (reply.kind !== 'answered' || reply.status !== 200) return undefined;
  const answer = answerSchema.safeParse(reply.json);
  if (!answer.success || urlFault(answer.data.url, deps.environment) !== null) return undefined;
  return answer.data.url;
}

function openApplicant(deps: RedeemDeps, handoff: Handoff, sealed: string | undefined): unknown {
  if (sealed === undefined) return null;
  const access = { purpose: 'lender_push', applicationId: handoff.application_id, actor: handoff.lender_id } as const;
  const opened = deps.sealer.openJson(sealed, personPlace(handoff.id), access);
  return opened.ok ? opened.plain : null;
}
