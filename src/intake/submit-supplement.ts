import type { DraftEvent } from '../applications/context.ts';
import { findAction, openActionOf } from '../applications/lifecycle/actions.ts';
import { answerAction } from '../applications/lifecycle/answered-action.ts';
import type { Action, Application, ApplicationStatus } from '../applications/model.ts';
import { isoOf } from '../base/clock.ts';
import { derivedIdBeside } from '../base/ids.ts';
import { type ActionResult, resultOfSending } from './action-result.ts';
import { answerDigest } from './answer-digest.ts';
import { changeRecord, type RecordChange } from './change-record.ts';
import { claimDocuments } from './claim-documents.ts';
import type { InputFault, IntakeDeps } from './intake-deps.ts';
import { type ActionInput, type ActionStanding, standingOfAction } from './judge-action.ts';
import { missingForStage } from './missing-requirements.ts';
import { type AddressedMessage, sendMessage, writeMessage } from './send-message.ts';
import { mergePapers, normalisedPapers, notePapers, type Papers } from './supplied-papers.ts';

export type SupplementInput = Pick<ActionInput, 'applicant' | 'documents' | 'verifications' | 'consents'>;

/** Papers are taken until the lender has decided. */
const TAKES_PAPERS: ReadonlySet<ApplicationStatus> = new Set<ApplicationStatus>([
  'received',
  'submitted',
  'verifying',
  'needs_input',
  'in_review',
]);
/** Supplements of one application that nobody asked for, and papers again after they were not taken. */
export const SUPPLEMENTS_MAX = 100;
/** So many supplements that nobody asked for are known again. */
const SUPPLEMENTS_KNOWN = 20;

/** Papers for an application: they answer what it is asked for, where they cover it, else nobody has asked for them. */
export async function submitSupplement(
  deps: IntakeDeps,
  application: Application,
  input: SupplementInput,
): Promise<ActionResult> {
  const asked = openActionOf(application);
  const isAnswer = asked?.type === 'supplement' && uncovered(asked, input, deps.clock.nowMs()).length === 0;
  const digest = answerDigest(deps, input);
  const before = application.actions?.find((action) => action.answer === digest && action.type === 'supplement');
  const action = before ?? (isAnswer ? asked : undefined);
  if (action === undefined && !TAKES_PAPERS.has(application.status) && !isKnown(application, digest)) {
    return { kind: 'illegal', message: `an application that is ${application.status} takes no more papers` };
  }
  return supply(deps, application, action, input, digest);
}

/** Papers for an action that asks for them. */
export async function answerSupplement(
  deps: IntakeDeps,
  application: Application,
  action: Action,
  input: SupplementInput,
): Promise<ActionResult> {
  const digest = answerDigest(deps, input);
  const nowMs = deps.clock.nowMs();
  if (standingOfAction(application, action, digest, nowMs) === 'open') {
    const faults = uncovered(action, input, nowMs);
    if (faults.length > 0) return { kind: 'faults', faults };
  }
  return supply(deps, application, action, input, digest);
}

/** What of the papers that an action asks for is not among those given. */
function uncovered(action: Action, input: SupplementInput, nowMs: number): InputFault[] {
  const { fields = [], documents = [], verifications = [] } = action;
  const requirements = { applicant: fields, documents, verifications, consents: [] };
  const faults = missingForStage('apply', input, requirements, { parties: [], nowMs });
  return faults.map((fault) => ({ ...fault, message: 'is asked for by the action' }));
}

type Standing = Exclude<ActionStanding, 'open'> | 'illegal' | 'too_many' | 'written';

async function supply(
  deps: IntakeDeps,
  application: Application,
  action: Action | undefined,
  input: SupplementInput,
  digest: string,
): Promise<ActionResult> {
  const claimed = await claimDocuments(deps, application.owner_id ?? '', application.id, input.documents ?? []);
  if (!claimed.ok) return { kind: 'faults', faults: claimed.faults };
  const papers = normalisedPapers({ ...input, documents: claimed.documents });
  const nowMs = deps.clock.nowMs();
  const message = messageOf(application, action, { papers, digest, at: isoOf(nowMs) });
  const changed = await changeRecord<Standing>(deps, application.id, 'supplement', (current, record) => {
    const standing = standingIn(current, action, digest, nowMs);
    if (standing !== 'open') return { result: standing };
    if (isTooMany(current, action)) return { result: 'too_many' };
    const noted = notePapers(current, papers, record, nowMs);
    const about = { action_id: action?.id ?? null, loan_id: action?.loan_id ?? null, answer: digest };
    const told = { ...about, ...noted.data };
    const supplemented: DraftEvent = { type: 'application.supplemented', occurred_at: isoOf(nowMs), data: told };
    const given = markGiven(noted.application, action, digest, nowMs);
    return {
      application: given.application,
      ...(record ? { record: mergePapers(record, papers) } : {}),
      events: [...given.events, supplemented],
      effects: writeMessage(deps, current, message),
      result: 'written',
    } satisfies RecordChange<Standing>;
  });
  const { result: standing } = changed;
  if (standing === 'expired' || standing === 'completed') return { kind: standing };
  if (standing === 'illegal') return { kind: 'illegal', message: 'the application takes no more papers' };
  if (standing === 'too_many') return { kind: 'too_many', limit: `${SUPPLEMENTS_MAX} supplements` };
  const sent = await sendMessage(deps, application, message);
  return resultOfSending(deps, changed.application, action?.id ?? null, sent, standing === 'replayed');
}

function standingIn(
  current: Application,
  action: Action | undefined,
  digest: string,
  nowMs: number,
): ActionStanding | 'illegal' {
  if (action === undefined) {
    if (isKnown(current, digest)) return 'replayed';
    return TAKES_PAPERS.has(current.status) ? 'open' : 'illegal';
  }
  const now = findAction(current, action.id);
  // Refused meanwhile: this very message is of an attempt before.
  if (now === undefined || now.wrong_tries !== action.wrong_tries) return 'completed';
  return standingOfAction(current, now, digest, nowMs);
}

/** What was asked for is done; what nobody has asked for is known again. */
function markGiven(application: Application, action: Action | undefined, digest: string, nowMs: number) {
  const now = action && findAction(application, action.id);
  if (now) return answerAction(application, now, digest, nowMs);
  const supplements = [...(application.supplements ?? []), digest].slice(-SUPPLEMENTS_KNOWN);
  const supplements_taken = (application.supplements_taken ?? 0) + 1;
  return { application: { ...application, supplements, supplements_taken }, events: [] };
}

function isTooMany(application: Application, action: Action | undefined): boolean {
  const tried = action === undefined ? application.supplements_taken : findAction(application, action.id)?.wrong_tries;
  return (tried ?? 0) >= SUPPLEMENTS_MAX;
}

function isKnown({ supplements = [] }: Application, digest: string): boolean {
  return supplements.includes(digest);
}

function messageOf(
  { id }: Application,
  action: Action | undefined,
  { papers, digest, at }: { readonly papers: Papers; readonly digest: string; readonly at: string },
): AddressedMessage {
  const { id: action_id = null, loan_id = null, wrong_tries: attempt = 0 } = action ?? {};
  const about = action
    ? { action_id: action.id, answer: digest, attempt, ...(loan_id === null ? {} : { loan_id }) }
    : { answer: digest };
  const parts = [action_id ?? '', digest, String(attempt)];
  return {
    kind: 'supplement',
    deliveryId: derivedIdBeside('dlv', id, 'supplement', ...parts),
    about,
    body: { action_id, loan_id, ...papers, submitted_at: at },
  };
}
