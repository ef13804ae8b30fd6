import { arrivalOf } from '../applications/arrival.ts';
import type { Application } from '../applications/model.ts';
import { offerOf } from '../applications/offer.ts';
import { isoOf } from '../base/clock.ts';
import { derivedId, isId } from '../base/ids.ts';
import type { ReceivedBy } from '../base/variant-mark.ts';
import type { AttributionVerdict } from '../base/verdict.ts';
import type { RegisteredProduct } from '../registry/registry.ts';
import type { TrafficPartner } from '../registry/schema/traffic-partner.ts';
import type { Hold } from '../screening/claim-store.ts';
import type { Refusal } from '../screening/decision.ts';
import { type ApplicationDraft, draftApplication, fingerprintOfInput } from './application-draft.ts';
import type { ApplicationInput } from './application-input.ts';
import { attributeSubmission } from './attribute-submission.ts';
import { withBroughtNotes } from './brought-notes.ts';
import { type ClaimedDocuments, claimDocuments, releaseDocuments } from './claim-documents.ts';
import { refused, refusedEvent } from './decided-application.ts';
import { driveIntent, joinIntent } from './drive-intent.ts';
import { endReservation } from './end-reservation.ts';
import type { InputFault, IntakeDeps } from './intake-deps.ts';
import { ruleApplication } from './rule-application.ts';
import { checkingUntil, refusalByVerifications } from './verify-submission.ts';

/** Who brings the application, and how it came to be theirs. */
export interface Submitter {
  readonly partner: TrafficPartner;
  readonly origin: 'partner' | 'page';
  /** Found already, for a page; what a partner's own request brings is that partner's. */
  readonly introduced?: Introduction;
  /** The variant of the page that received the applicant; absent = none did. */
  readonly receivedBy?: ReceivedBy | undefined;
}

/** Who introduced an applicant, and whose the application becomes with that. */
export interface Introduction {
  readonly verdict: AttributionVerdict;
  readonly owner: TrafficPartner;
}

export type SubmitResult =
  | { readonly kind: 'answered'; readonly application: Application; readonly replayed: boolean }
  | { readonly kind: 'invalid'; readonly faults: readonly InputFault[] }
  | { readonly kind: 'conflict'; readonly applicationId: string };

/**
 * Takes an application in: checks it, records it, screens and claims it, and answers only when it is decided. A retry
 * with the same `partner_ref` finds the first answer; the same reference with another person or another wish conflicts.
 * @throws IntentUndecidedError when another application of the same subject stays undecided; the same request may be sent again
 */
export async function submitApplication(
  deps: IntakeDeps,
  submitter: Submitter,
  input: ApplicationInput,
): Promise<SubmitResult> {
  const id = derivedId('app', submitter.partner.id, input.partner_ref);
  const existing = await deps.store.load(id);
  if (existing) return answerAgain(deps, existing.application, fingerprintOfInput(input, deps.fingerprintKey));
  const product = deps.registry().products.get(input.product_id);
  if (!product) return { kind: 'invalid', faults: [unknownProduct(input.product_id)] };
  const drafted = draftApplication(input, product, deps);
  if (!drafted.ok) return { kind: 'invalid', faults: drafted.faults };
  const claimed = await claimDocuments(deps, submitter.partner.id, id, input.documents ?? []);
  if (!claimed.ok) return { kind: 'invalid', faults: claimed.faults };
  const nowMs = deps.clock.nowMs();
  const introduced =
    submitter.introduced ?? (await submittedBy(deps, submitter.partner, input, product, drafted.draft, id));
  const intent = intentOf(deps, submitter, introduced, input, product, drafted.draft, id, nowMs);
  const hold = await citedHold(deps, submitter.partner.id, input, product, intent);
  const cited = { pins: hold?.pins ?? {}, ...(input.precheck_id ? { precheck_live: hold !== undefined } : {}) };
  const asked = { partner: submitter.partner, input, subject: drafted.draft.subject, product };
  const { refusal, ruled } = ruleApplication(deps, asked, isQuotedBy(hold, product), nowMs);
  const byRule = refusal ?? refusalByVerifications(product.requirements.verifications, intent.verifications);
  const { checks } = drafted.draft;
  const checking = checks && !byRule ? { checking: checkingUntil(checks) } : {};
  const started = { ...intent, ...cited, ...checking, ...(ruled ? { ruled } : {}) };
  const created = await record(deps, started, withDocuments(drafted.draft, claimed), byRule, nowMs);
  if (!created.created) return answerAgain(deps, created.application, drafted.draft.fingerprint);
  if (byRule) await endReservation(deps, created.application);
  const application = byRule ? created.application : await driveIntent(deps, id, checks);
  if (application.status === 'refused' && input.documents?.length) await releaseDocuments(deps, id);
  return { kind: 'answered', application, replayed: false };
}

/** What is sealed of the documents is what the lender will be told of them. */
function withDocuments(
  draft: ApplicationDraft,
  { documents }: Extract<ClaimedDocuments, { readonly ok: true }>,
): ApplicationDraft {
  return { ...draft, sealed: { ...draft.sealed, documents } };
}

async function answerAgain(
  deps: IntakeDeps,
  stored: Application,
  fingerprint: string | undefined,
): Promise<SubmitResult> {
  if (stored.fingerprint !== fingerprint) return { kind: 'conflict', applicationId: stored.id };
  const application = stored.status === 'screening' ? await joinIntent(deps, stored.id) : stored;
  return { kind: 'answered', application, replayed: true };
}

async function record(
  deps: IntakeDeps,
  intent: Application,
  draft: ApplicationDraft,
  byRule: Refusal | undefined,
  nowMs: number,
): Promise<{ created: boolean; application: Application }> {
  const sealed = {
    do: 'SET',
    key: 'sealed',
    value: deps.sealer.seal(draft.sealed, intent.id),
  } as const;
  if (byRule) {
    const application = refused(intent, byRule);
    const event = refusedEvent(application, nowMs);
    const begun = { ...event, data: { ...event.data, arrived: arrivalOf(application) } };
    return deps.store.create(application, [begun], [sealed]);
  }
  const data = { arrived: arrivalOf(intent) };
  const started = { type: 'application.screening', occurred_at: isoOf(nowMs), data } as const;
  const listed = { do: 'ZADD', key: 'intents', score: Date.now(), member: intent.id } as const;
  return deps.store.create(intent, [started], [sealed, listed]);
}

/** The reservation of a cited precheck, while it is live for this subject, with the terms that it quoted. */
async function citedHold(
  deps: IntakeDeps,
  partnerId: string,
  input: ApplicationInput,
  product: RegisteredProduct,
  intent: Application,
): Promise<Hold | undefined> {
  if (!input.precheck_id || !isId('pre', input.precheck_id)) return undefined;
  const tokens = [...intent.subject.claims, ...intent.subject.pointers];
  const readings = await deps.claims.read(product.lender_id, tokens);
  const nowMs = deps.clock.nowMs();
  return readings
    .flatMap((reading) => (reading.hold === null ? [] : [reading.hold]))
    .find((one) => one.precheck_id === input.precheck_id && one.partner_id === partnerId && one.until_ms > nowMs);
}

/** A reservation keeps the applicant at the lender; the door stays open only for the products that it was made for. */
function isQuotedBy(hold: Hold | undefined, { id }: RegisteredProduct): boolean {
  return hold !== undefined && (hold.product_ids?.includes(id) ?? true);
}

async function submittedBy(
  deps: IntakeDeps,
  partner: TrafficPartner,
  input: ApplicationInput,
  { lender_id: lenderId }: RegisteredProduct,
  { tokens }: ApplicationDraft,
  id: string,
): Promise<Introduction> {
  const { click_id: clickId, handoff_id: handoffId } = input;
  const known = [...tokens.claims, ...tokens.pointers];
  const verdict = await attributeSubmission(deps, { id, partner, lenderId, tokens: known, clickId, handoffId });
  return { verdict, owner: partner };
}

function intentOf(
  deps: IntakeDeps,
  { origin, receivedBy }: Submitter,
  { verdict: attribution, owner }: Introduction,
  input: ApplicationInput,
  product: RegisteredProduct,
  draft: ApplicationDraft,
  id: string,
  nowMs: number,
): Application {
  const at = isoOf(nowMs);
  const intent: Application = {
    id,
    origin,
    owner_id: owner.id,
    partner_kind: owner.kind,
    partner_ref: input.partner_ref,
    partner_user_ref: input.partner_user_ref ?? null,
    lender_id: product.lender_id,
    lender_ref: null,
    product_id: product.id,
    funder_ids: product.funders,
    funder_id: null,
    status: 'screening',
    reason: null,
    detail: null,
    retry_at: null,
    existing_application_id: null,
    customer: 'new',
    requested: input.requested,
    offer: offerOf(product, deps.registry().revision),
    fingerprint: draft.fingerprint,
    subject: draft.tokens,
    attribution,
    pins: {},
    precheck_id: input.precheck_id ?? null,
    click_id: input.click_id ?? null,
    handoff_id: input.handoff_id ?? null,
    link_code: attribution.link_code,
    ...(receivedBy ? { variant: receivedBy } : {}),
    sub_ids: input.sub_ids ?? {},
    // It may carry the person: it lies in the sealed record.
    return_url: null,
    region: draft.subject.facts?.region ?? null,
    lock_until: null,
    credit: null,
    loans: [],
    held: [],
    last_occurred_at: null,
    created_at: at,
    accepted_at: null,
    updated_at: at,
  };
  return withBroughtNotes(intent, input, draft.subject, nowMs);
}

function unknownProduct(productId: string): InputFault {
  return { pointer: '/product_id', code: 'unknown_product', message: `there is no product ${productId}` };
}
