import type { Language } from '../../http/accept-language.ts';
import type { DoorContext } from '../../http/request-context.ts';
import type { LinkTarget } from '../../intake/find-link.ts';
import type { PageAgreement } from './agreements.ts';
import { type ApplyView, applyPage } from './apply-view.ts';
import { headerOf } from './browser.ts';
import { isForeignPost } from './foreign-post.ts';
import { type FormState, sealForm } from './form-token.ts';
import { maskedPrefill, withoutPrefill } from './handoff-form.ts';
import type { OtpPort } from './otp-port.ts';
import { faultEvents, tellVisit, visitAgain } from './page-visit.ts';
import type { Typed } from './read-form.ts';
import type { ReferralDeps } from './referral-deps.ts';

export const UNPROCESSABLE = 422;
/** Between two codes to one phone. Whoever sends them has limits of its own; this one is for impatient fingers. */
const RESEND_PAUSE_SECONDS = 60;

/** One post of the form, read once. */
export interface FormPost {
  readonly c: DoorContext<never>;
  readonly deps: ReferralDeps;
  readonly otp: OtpPort;
  readonly target: LinkTarget;
  readonly language: Language;
  readonly typed: Typed;
  readonly ticked: ReadonlySet<string>;
  readonly agreements: readonly PageAgreement[];
  /** Fingerprint of what has to be agreed to now. */
  readonly shown: string;
  /** Whether the page that was sent showed something else: what was ticked there does not count. */
  readonly isStale: boolean;
  readonly form: FormState;
  /** Whether the sealed state that came along was good. */
  readonly isOurs: boolean;
}

/** The form as it was typed, with what is to be said. */
export async function showAgain(
  post: FormPost,
  change: Partial<Pick<ApplyView, 'faults' | 'message' | 'status'>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const { deps, target, language, form } = post;
  const shownTyped = withoutPrefill(post.typed, form);
  await tellVisit(deps, form.load, faultEvents(change.faults ?? {}, post.typed));
  return applyPage({
    registry: deps.page.registry(),
    target,
    language,
    token: sealForm(deps.sealer, form),
    clickId: form.clickId,
    agreements: post.agreements,
    shown: post.shown,
    typed: shownTyped,
    known: maskedPrefill(form),
    isVerified: form.handoff?.phoneVerifiedAt != null && !shownTyped.phone,
    ticked: post.ticked,
    faults: {},
    sentTo: form.otp?.phone ?? null,
    waitSeconds: waitSeconds(form),
    isSandbox: post.otp.knownCode !== null,
    variant: visitAgain(deps, target, form.load, language),
    load: form.load,
    nowMs: deps.page.clock.nowMs(),
    headers,
    ...change,
  });
}

/** Until another code may be asked for; 0 = now. */
export function waitSeconds({ otp }: FormState): number {
  if (otp === null) return 0;
  return Math.max(0, Math.ceil(RESEND_PAUSE_SECONDS - (Date.now() - otp.sentAtMs) / 1_000));
}

/** Whether a page that is not ours has sent this post. */
export function isForeign(c: DoorContext<never>, deps: Pick<ReferralDeps, 'publicNames'>): boolean {
  const from = {
    fetchSite: headerOf(c, 'sec-fetch-site'),
    origin: headerOf(c, 'origin'),
    host: headerOf(c, 'host') ?? new URL(c.req.url).host,
  };
  return isForeignPost(from, deps.publicNames);
}
