import type { Click } from '../attribution/clicks/click.ts';
import { decideAttribution } from '../attribution/decide-attribution.ts';
import { normaliseSubject } from '../identity/normalise-subject.ts';
import { claimTokens } from './application-draft.ts';
import type { ApplicationInput } from './application-input.ts';
import type { LinkTarget } from './find-link.ts';
import { gatherTouches } from './gather-touches.ts';
import type { IntakeDeps } from './intake-deps.ts';
import { receivedBy } from './receive-by-variant.ts';
import { type Introduction, type SubmitResult, submitApplication } from './submit-application.ts';
import { withTerms, withWindows } from './touch-window.ts';

export type PageDeps = IntakeDeps;

/** What the hosted page gathered. The phone has been verified. */
export interface PageApplication {
  readonly target: LinkTarget;
  /** Made with the form: the same form sent twice is one application. */
  readonly formId: string;
  readonly clickId: string | null;
  /** The hand-off that opened the form; absent = none did. */
  readonly handoffId?: string | null;
  /** The partner's own name for the person, as the hand-off has it. */
  readonly partnerUserRef?: string | null;
  readonly applicant: ApplicationInput['applicant'];
  readonly requested: ApplicationInput['requested'];
  readonly consents: NonNullable<ApplicationInput['consents']>;
  readonly verifications: NonNullable<ApplicationInput['verifications']>;
  readonly device: NonNullable<ApplicationInput['device']>;
}

/**
 * Takes in an application from the hosted page: binds what brought the applicant there to them, decides who introduced them,
 * and goes on like any other application. The page is ours, so that nobody submits by it: the first or last valid touch of
 * all that are known of the applicant wins, and its partner owns the application. Where none is valid nobody earns, and it
 * is the link's partner's to see and to go on with.
 * @throws IntentUndecidedError as `submitApplication` does
 */
export async function applyOnPage(deps: PageDeps, page: PageApplication): Promise<SubmitResult> {
  const { target, handoffId } = page;
  const click = page.clickId === null ? undefined : await deps.clicks.load(page.clickId);
  // A click through another link says nothing about this one.
  const own = click?.link_code === target.code ? click : undefined;
  const introduced = await introductionOf(deps, page, own);
  const brought = await broughtBy(deps, page, introduced, own);
  const input: ApplicationInput = {
    partner_ref: `web-${page.formId}`,
    // One partner's name for a person is not told to another.
    partner_user_ref: introduced.owner.id === target.partner.id ? (page.partnerUserRef ?? null) : null,
    product_id: target.product.id,
    click_id: brought?.id ?? null,
    ...(handoffId ? { handoff_id: handoffId } : {}),
    requested: page.requested,
    applicant: page.applicant,
    device: page.device,
    verifications: page.verifications,
    consents: page.consents,
    sub_ids: brought?.sub_ids ?? {},
  };
  const submitter = { partner: target.partner, origin: 'page', introduced, receivedBy: receivedBy(own) } as const;
  return submitApplication(deps, submitter, input);
}

/** Their phone was verified, so the click belongs to this person whatever becomes of the application. */
async function introductionOf(
  deps: PageDeps,
  { target, applicant, handoffId }: PageApplication,
  click: Click | undefined,
): Promise<Introduction> {
  const lenderId = target.product.lender_id;
  const named = { lenderId, clickId: click?.id, handoffId, binds: true };
  const touches = withWindows(deps.registry(), await gatherTouches(deps, tokensOf(deps, applicant), named));
  const nowMs = deps.clock.nowMs();
  const verdict = withTerms(deps.registry(), decideAttribution({ touches, arrivedAtMs: nowMs }), nowMs);
  const winner = verdict.partner_id === null ? undefined : deps.registry().traffic.get(verdict.partner_id);
  return { verdict, owner: winner ?? target.partner };
}

/** The click whose sub ids the owner is told: never another partner's. */
async function broughtBy(
  { clicks }: PageDeps,
  { target }: PageApplication,
  { verdict, owner }: Introduction,
  own: Click | undefined,
): Promise<Click | undefined> {
  const { click_id: id } = verdict;
  if (id !== null) return id === own?.id ? own : clicks.load(id);
  return owner.id === target.partner.id ? own : undefined;
}

/** None where it does not read as a person: the application will not be taken in either. */
function tokensOf(deps: PageDeps, { phone, id_number: idNumber }: PageApplication['applicant']): readonly string[] {
  if (typeof phone !== 'string' || typeof idNumber !== 'string') return [];
  const identity = normaliseSubject({ phone, id_number: idNumber });
  if (!identity.ok) return [];
  const { claims, pointers } = claimTokens(deps.tokenizer.tokensOfSubject(identity.subject));
  return [...claims, ...pointers];
}
