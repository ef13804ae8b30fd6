import { consentParties } from '../applications/consents/consent-parties.ts';
import { findAction } from '../applications/lifecycle/actions.ts';
import { answerAction as markAnswered } from '../applications/lifecycle/answered-action.ts';
import { cardFor } from '../applications/lifecycle/cards.ts';
import type { Action, Application } from '../applications/model.ts';
import type { AcceptedProduct } from '../applications/product-as-accepted.ts';
import { isoOf } from '../base/clock.ts';
import { actionMessage } from './action-message.ts';
import { type ActionResult, resultOfSending } from './action-result.ts';
import { answerDigest } from './answer-digest.ts';
import { answerOtp } from './answer-otp.ts';
import { changeRecord, type RecordChange } from './change-record.ts';
import type { InputFault, IntakeDeps } from './intake-deps.ts';
import { type ActionInput, type ActionStanding, shapeFaults, standingOfAction } from './judge-action.ts';
import { missingForStage } from './missing-requirements.ts';
import { type AddressedMessage, sendMessage, writeMessage } from './send-message.ts';
import { answerSupplement } from './submit-supplement.ts';
import { mergePapers, normalisedPapers, notePapers } from './supplied-papers.ts';

/**
 * The applicant has done what the lender asked for. Whatever may wait is written down before it is sent, so that a crash, or
 * a lender that is away, loses nothing; a code is answered at once or not at all.
 * @param product as the applicant was offered it; its texts count where the lender names none
 */
export async function answerAction(
  deps: IntakeDeps,
  application: Application,
  actionId: string,
  input: ActionInput,
  product: AcceptedProduct | undefined,
): Promise<ActionResult> {
  const action = findAction(application, actionId);
  // It was asked for once, and is not kept any more.
  if (action === undefined) return { kind: 'completed' };
  const faults = shapeFaults(action.type, input);
  if (faults.length > 0) return { kind: 'faults', faults };
  if (action.type === 'supplement') return answerSupplement(deps, application, action, input);
  const digest = answerDigest(deps, input);
  const nowMs = deps.clock.nowMs();
  const standing = standingOfAction(application, action, digest, nowMs);
  if (standing === 'completed' || standing === 'expired') return { kind: standing };
  if (action.type === 'otp') {
    const done = { kind: 'done', status: 'accepted', application, actionId, replayed: true } as const;
    return standing === 'replayed' ? done : answerOtp(deps, application, action, input.otp ?? '', digest);
  }
  const unfit = standing === 'replayed' ? [] : unfitAnswer(application, action, input, { product, nowMs });
  if (unfit.length > 0) return { kind: 'faults', faults: unfit };
  return tellLender(deps, application, action, input, digest);
}

interface AnswerFacts {
  readonly product: AcceptedProduct | undefined;
  readonly nowMs: number;
}

function unfitAnswer(
  application: Application,
  action: Action,
  input: ActionInput,
  facts: AnswerFacts,
): readonly InputFault[] {
  if (action.type === 'agree') return missingAgreements(application, action, input, facts);
  if (action.type !== 'card' || cardFor(application, input.card_id ?? '')) return [];
  const message = 'is no active card of this application: bind it first';
  return [{ pointer: '/card_id', code: 'card_unknown', message }];
}

/** Texts of the action itself, or of its product at that scene, that were not agreed to as they are now. */
function missingAgreements(
  application: Application,
  { agreements, scene }: Action,
  { consents }: ActionInput,
  { product, nowMs }: AnswerFacts,
): InputFault[] {
  const listed = product?.requirements.consents.filter(({ stage }) => stage === scene) ?? [];
  const required = (agreements ?? listed).map((text) => ({ ...text, stage: scene }));
  const parties = product === undefined ? [] : consentParties(product, application);
  const requirements = { applicant: [], documents: [], verifications: [], consents: required };
  return missingForStage(scene, { consents }, requirements, { parties, nowMs });
}

type Standing = Exclude<ActionStanding, 'open'> | 'written';

/** Agreed, chosen, come back: written down first, then told. */
async function tellLender(
  deps: IntakeDeps,
  application: Application,
  action: Action,
  input: ActionInput,
  digest: string,
): Promise<ActionResult> {
  const nowMs = deps.clock.nowMs();
  const message = messageOf(application, action, input, { digest, at: isoOf(nowMs) });
  const papers = normalisedPapers({ consents: input.consents });
  const changed = await changeRecord<Standing>(deps, application.id, 'supplement', (current, record) => {
    const now = findAction(current, action.id);
    const standing = now === undefined ? 'completed' : standingOfAction(current, now, digest, nowMs);
    if (now === undefined || standing !== 'open') return { result: standing === 'open' ? 'completed' : standing };
    const noted = notePapers(current, papers, record, nowMs);
    const answered = markAnswered(noted.application, now, digest, nowMs);
    const events = answered.events.map((event) => ({ ...event, data: { ...event.data, ...noted.data } }));
    const adds = papers.consents.length > 0 && record !== undefined;
    return {
      application: answered.application,
      ...(adds ? { record: mergePapers(record, papers) } : {}),
      events,
      effects: writeMessage(deps, current, message),
      result: 'written',
    } satisfies RecordChange<Standing>;
  });
  const { result: standing } = changed;
  if (standing === 'expired' || standing === 'completed') return { kind: standing };
  const sent = await sendMessage(deps, application, message);
  return resultOfSending(deps, changed.application, action.id, sent, standing === 'replayed');
}

function messageOf(
  application: Application,
  action: Action,
  input: ActionInput,
  { digest, at }: { readonly digest: string; readonly at: string },
): AddressedMessage {
  const given =
    action.type === 'agree'
      ? { consents: input.consents }
      : action.type === 'card'
        ? { chosen_card_id: input.card_id }
        : { returned: true };
  return actionMessage(application, action, { given, digest, at });
}
