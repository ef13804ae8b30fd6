import type { Application } from '../applications/model.ts';
import { backPlace, type Handoff, type WayBackTo } from '../attribution/handoffs/handoff.ts';
import { makeToken } from '../attribution/handoffs/handoff-token.ts';
import { isoOf, MINUTE_MS } from '../base/clock.ts';
import { randomId } from '../base/ids.ts';
import type { HandoffDeps } from './make-handoff.ts';

/** Made at the tap that uses it. */
const LIFETIME_MS = 10 * MINUTE_MS;

/**
 * Hands somebody who applied on our page over to the lender's page for this application: a hand-off of the partner that
 * brought them, leading back to our page. The lender knows the person by the application, so nothing of them goes along.
 * @param returnUrl of our result page
 * @returns the token of its address, `/h/<token>`; undefined when nobody brought the applicant
 */
export async function handOnward(
  deps: Pick<HandoffDeps, 'handoffs' | 'sealer' | 'clock'>,
  application: Application,
  returnUrl: string,
): Promise<string | undefined> {
  const { owner_id: partnerId, subject } = application;
  if (partnerId === null) return undefined;
  const nowMs = deps.clock.nowMs();
  const id = randomId('hnd');
  const loan = application.loans.at(-1);
  const handoff: Handoff = {
    id,
    partner_id: partnerId,
    lender_id: application.lender_id,
    product_id: application.product_id,
    destination: loan === undefined ? 'credit' : 'loan',
    application_id: application.id,
    loan_id: loan?.id ?? null,
    partner_user_ref: application.partner_user_ref,
    tokens: [...subject.claims, ...subject.pointers],
    created_at: isoOf(nowMs),
    expires_at: isoOf(nowMs + LIFETIME_MS),
  };
  const { token, digest } = makeToken(id);
  const back = deps.sealer.seal({ return_url: returnUrl, is_ours: true } satisfies WayBackTo, backPlace(id));
  await deps.handoffs.create(handoff, digest, { person: undefined, back });
  return token;
}
