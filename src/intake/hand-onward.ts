import type { Application } from '../applications/model.ts';
import { backPlace, type Handoff, type WayBackTo } from '../attribution/handoffs/handoff.ts';
import { makeToken } from '../attribution/handoffs/handoff-token.ts';
import { isoOf, MINUTE_MS } from '../base/clock.ts';
import { randomId } from '../base/ids.ts';
import type { HandoffDeps } from './make-handoff.ts';
import { spendToday } from './spend-today.ts';

/** Made at the tap that uses it. */
const LIFETIME_MS = 10 * MINUTE_MS;
/** Each is a question to the lender, and kept as long as clicks. */
const TAPS_A_DAY = 50;

/**
 * Hands somebody who applied on our page over to the lender's page for this application: a hand-off of the partner that
 * brought them, leading back to our page. The lender knows the person by the application, so nothing of them goes along; and
 * nobody brings them anew by it, so it is bound to nobody as a touch.
 * @param returnUrl of our result page
 * @returns the token of its address, `/h/<token>`; undefined when nobody brought the applicant, `too_many` when more taps
 * than a person's have come today
 */
export async function handOnward(
  deps: Pick<HandoffDeps, 'handoffs' | 'sealer' | 'clock' | 'quotas'>,
  application: Application,
  returnUrl: string,
): Promise<string | 'too_many' | undefined> {
  const { owner_id: partnerId } = application;
  if (partnerId === null) return undefined;
  const spent = await spendToday(deps, partnerId, `onward:${application.id}`, 1, TAPS_A_DAY);
  if (!spent.ok) return 'too_many';
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
    partner_user_ref: null,
    tokens: [],
    created_at: isoOf(nowMs),
    expires_at: isoOf(nowMs + LIFETIME_MS),
  };
  const { token, digest } = makeToken(id);
  const back = deps.sealer.seal({ return_url: returnUrl, is_ours: true } satisfies WayBackTo, backPlace(id));
  await deps.handoffs.create(handoff, digest, { person: undefined, back });
  return token;
}
