import { decideWithdrawal, type WithdrawalDecision } from '../applications/consents/decide-withdrawal.ts';
import type { DraftEvent } from '../applications/context.ts';
import type { Application, ConsentNote } from '../applications/model.ts';
import type { AcceptedProduct } from '../applications/offer.ts';
import { isoOf } from '../base/clock.ts';
import { derivedIdBeside } from '../base/ids.ts';
import { cancelApplication } from './cancel-application.ts';
import type { IntakeDeps } from './intake-deps.ts';
import { type AddressedMessage, sendMessage, writeMessage } from './send-message.ts';

/** Why an application ends when a consent that it rests on is taken back. */
export const CONSENT_WITHDRAWN = 'consent_withdrawn';

export interface WithdrawalInput {
  /** Kinds of consent that are taken back. */
  readonly kinds: readonly string[];
  /** A word on why, without anything of the person: it is kept in the open. */
  readonly reason?: string | undefined;
}

export interface Withdrawal {
  readonly application: Application;
  /** `application_cancelled`: it could not go on; `recorded`: it goes on without; `none`: there was nothing to take back. */
  readonly effect: 'application_cancelled' | 'recorded' | 'none';
  readonly withdrawn: readonly ConsentNote[];
  readonly notGiven: readonly string[];
  /** It had been taken back before. */
  readonly replayed: boolean;
}

type WithdrawalDeps = Parameters<typeof cancelApplication>[0] & Pick<IntakeDeps, 'store'>;

/**
 * Takes consents back, as easily as they were given. What was withdrawn is noted first, and the same again goes on from
 * there: a crash between the note and the end of the application is made good by the retry.
 * @param product of the application, as it was accepted; undefined = there is none any more
 */
export async function withdrawConsents(
  deps: WithdrawalDeps,
  application: Application,
  product: Pick<AcceptedProduct, 'requirements'> | undefined,
  input: WithdrawalInput,
): Promise<Withdrawal> {
  const { id } = application;
  const at = isoOf(deps.clock.nowMs());
  const changed = await deps.store.change(id, (current) => {
    const decision = decideWithdrawal(current, requiredKinds(current, product), input.kinds, at);
    const message = decision.cancels ? undefined : messageOf(current, decision.told, at);
    return {
      ...(decision.fresh.length === 0 ? {} : { application: decision.application }),
      events: decision.fresh.length === 0 ? [] : [withdrawnEvent(decision, input, at)],
      effects: message === undefined ? [] : writeMessage(deps, current, message),
      result: { decision, message },
    };
  });
  if (changed === undefined) throw new Error(`application ${id} is not there`);
  const { decision, message } = changed.result;
  const { withdrawn, notGiven, fresh, cancels } = decision;
  if (message !== undefined) await sendMessage(deps, changed.application, message, 0);
  const after = cancels ? await end(deps, changed.application, withdrawn, at) : changed.application;
  const isEnded = after.status === 'cancelled' && after.reason === CONSENT_WITHDRAWN;
  return {
    application: after,
    effect: isEnded ? 'application_cancelled' : withdrawn.length > 0 ? 'recorded' : 'none',
    withdrawn,
    notGiven,
    replayed: fresh.length === 0 && withdrawn.length > 0,
  };
}

/** Ends the application. The lender may have ended it itself just now: then it is only told what was taken back. */
async function end(
  deps: WithdrawalDeps,
  application: Application,
  withdrawn: readonly ConsentNote[],
  at: string,
): Promise<Application> {
  const { id: applicationId } = application;
  const withdrawnConsents = [...new Set(withdrawn.map(({ kind }) => kind))];
  const result = await cancelApplication(deps, {
    applicationId,
    reason: CONSENT_WITHDRAWN,
    withdrawnConsents,
    by: 'applicant',
  });
  if (result.kind === 'unknown') throw new Error(`application ${applicationId} is not there`);
  const message = result.kind === 'illegal' ? messageOf(application, withdrawnConsents, at) : undefined;
  if (message === undefined) return result.application;
  const effects = writeMessage(deps, application, message);
  await deps.store.change(applicationId, () => ({ events: [], effects, result: null }));
  await sendMessage(deps, application, message, 0);
  return result.application;
}

/** What an application cannot go on without: what its product requires to apply, and what our own page has asked for. */
function requiredKinds({ origin }: Application, product: Pick<AcceptedProduct, 'requirements'> | undefined): string[] {
  const required = (product?.requirements.consents ?? []).filter(({ stage }) => stage === 'apply');
  return [...required.map(({ kind }) => kind), ...(origin === 'page' ? ['data_sharing'] : [])];
}

/** `cancelled_at: null`: nothing ends, only what rested on these consents has to stop. */
function messageOf({ id }: Application, kinds: readonly string[], at: string): AddressedMessage | undefined {
  if (kinds.length === 0) return undefined;
  const body = {
    reason: CONSENT_WITHDRAWN,
    withdrawn_consents: kinds,
    loan_id: null,
    loan_ref: null,
    cancelled_at: null,
  };
  const deliveryId = derivedIdBeside('dlv', id, 'consents', at, ...kinds);
  return { kind: 'cancellation', about: {}, body, deliveryId };
}

function withdrawnEvent({ fresh }: WithdrawalDecision, { reason }: WithdrawalInput, at: string): DraftEvent {
  return {
    type: 'consent.withdrawn',
    occurred_at: at,
    data: { consents: fresh, reason: reason ?? null },
  };
}
