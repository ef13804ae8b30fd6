import type { Click } from '../attribution/click.ts';
import type { ClickStore } from '../attribution/click-store.ts';
import { decideAttribution } from '../attribution/decide-attribution.ts';
import type { AttributionVerdict } from '../base/verdict.ts';
import { normaliseSubject } from '../identity/normalise-subject.ts';
import { claimTokens } from './application-draft.ts';
import type { ApplicationInput } from './application-input.ts';
import type { LinkTarget } from './find-link.ts';
import type { IntakeDeps } from './intake-deps.ts';
import { type SubmitResult, submitApplication } from './submit-application.ts';
import { withWindows } from './touch-window.ts';

export interface PageDeps extends IntakeDeps {
  readonly clicks: ClickStore;
}

/** What the hosted page gathered. The phone has been verified. */
export interface PageApplication {
  readonly target: LinkTarget;
  /** Made with the form: the same form sent twice is one application. */
  readonly formId: string;
  readonly clickId: string | null;
  readonly applicant: ApplicationInput['applicant'];
  readonly requested: ApplicationInput['requested'];
  readonly consents: NonNullable<ApplicationInput['consents']>;
  readonly verifications: NonNullable<ApplicationInput['verifications']>;
  readonly device: NonNullable<ApplicationInput['device']>;
}

/**
 * Takes in an application from the hosted page: binds the click that brought the applicant to them, decides who introduced
 * them, and goes on like any other application, owned by the link's partner.
 * @throws IntentUndecidedError as `submitApplication` does
 */
export async function applyOnPage(deps: PageDeps, page: PageApplication): Promise<SubmitResult> {
  const { target, applicant } = page;
  const click = page.clickId === null ? undefined : await deps.clicks.load(page.clickId);
  // A click through another link says nothing about this one.
  const own = click?.link_code === target.code ? click : undefined;
  if (own) await bindClick(deps, own, applicant);
  const input: ApplicationInput = {
    partner_ref: `web-${page.formId}`,
    product_id: target.product.id,
    click_id: own?.id ?? null,
    requested: page.requested,
    applicant,
    device: page.device,
    verifications: page.verifications,
    consents: page.consents,
    sub_ids: own?.sub_ids ?? {},
  };
  return submitApplication(
    deps,
    { partner: target.partner, origin: 'page', verdict: verdictOf(deps, page, own) },
    input,
  );
}

/** Its phone was verified, so the click belongs to this person whatever becomes of the application. */
async function bindClick(deps: PageDeps, click: Click, applicant: PageApplication['applicant']): Promise<void> {
  const { phone, id_number: idNumber } = applicant;
  if (typeof phone !== 'string' || typeof idNumber !== 'string') return;
  const identity = normaliseSubject({ phone, id_number: idNumber });
  if (!identity.ok) return;
  const { claims, pointers } = claimTokens(deps.tokenizer.tokensOfSubject(identity.subject));
  await deps.clicks.bind(click, [...claims, ...pointers]);
}

function verdictOf(deps: PageDeps, { target }: PageApplication, click: Click | undefined): AttributionVerdict {
  const touches = click
    ? withWindows(deps.registry(), [
        {
          kind: 'click',
          id: click.id,
          partner_id: click.partner_id,
          link_code: click.link_code,
          at_ms: click.at_ms,
        },
      ])
    : [];
  return decideAttribution({
    touches,
    firstOrLast: target.partner.attribution.first_or_last,
    decidedAtMs: deps.clock.nowMs(),
  });
}
