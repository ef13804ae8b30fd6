import { isClickId } from '../../attribution/clicks/click-id.ts';
import { isoOf } from '../../base/clock.ts';
import type { Language } from '../../http/accept-language.ts';
import { readBody, readWebBody } from '../../http/read-body.ts';
import { addLogFields, type DoorContext } from '../../http/request-context.ts';
import { normalisePhone } from '../../identity/normalise-phone.ts';
import { applyOnPage } from '../../intake/apply-on-page.ts';
import type { LinkTarget } from '../../intake/find-link.ts';
import type { InputFault } from '../../intake/intake-deps.ts';
import { agreementsOf, consentsOf, shownDigest } from './agreements.ts';
import { headerOf, userAgentOf } from './browser.ts';
import { codeFault } from './check-code.ts';
import { fieldFault } from './check-field.ts';
import { type FormPost, isForeign, showAgain, UNPROCESSABLE } from './form-post.ts';
import { type FormHandoff, newForm, openForm, sealResult } from './form-token.ts';
import { withPrefill } from './handoff-form.ts';
import { isClosedNow } from './is-closed-now.ts';
import { languageOf, noticePage } from './notice-page.ts';
import { say } from './page-texts.ts';
import { tellVisit } from './page-visit.ts';
import { type FieldFaults, type ReadForm, readForm, tickedOf, typedOf } from './read-form.ts';
import type { ReferralDeps } from './referral-deps.ts';
import { sendCode } from './send-code.ts';

const FORM_TYPE = 'application/x-www-form-urlencoded';
const BODY_MAX_BYTES = 64 * 1024;
const FORBIDDEN = 403;

/** A post of the form: sends a code, or applies. Whatever is wrong, the form comes back as it was typed. */
export async function submitForm(
  c: DoorContext<never>,
  deps: ReferralDeps,
  target: LinkTarget,
  handoff?: FormHandoff,
): Promise<Response> {
  if (deps.otp === null) return noticePage(c, 200, 'closed');
  if (isForeign(c, deps)) return noticePage(c, FORBIDDEN, 'foreign');
  const type = (headerOf(c, 'content-type') ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== FORM_TYPE) return noticePage(c, 415, 'tooLarge');
  const incoming = c.env?.incoming;
  const bytes = await (incoming ? readBody(incoming, BODY_MAX_BYTES) : readWebBody(c.req.raw, BODY_MAX_BYTES));
  const body = new URLSearchParams(Buffer.from(bytes).toString('utf8'));
  const typed = typedOf(body);
  // Whoever has a code already applies, and is told why not: the reason is kept.
  if (typed.step !== 'apply' && isClosedNow(deps, target)) return noticePage(c, 200, 'closed');
  const language = languageOf(c);
  const agreements = agreementsOf(deps.page.registry(), target.product, language);
  const opened = openForm(deps.sealer, body.get('form') ?? '', target.code);
  const click = c.req.query('click') ?? '';
  const form = opened ?? newForm(target.code, isClickId(click) ? click : null, handoff);
  const shown = shownDigest(target.product, agreements);
  const isStale = form.shown !== shown;
  const post: FormPost = {
    c,
    deps,
    otp: deps.otp,
    target,
    language,
    typed: withPrefill(typed, form),
    ticked: isStale ? new Set() : tickedOf(body, agreements),
    agreements,
    shown,
    isStale,
    form: { ...form, shown },
    isOurs: opened !== undefined,
  };
  return typed.step === 'apply' ? apply(post) : sendCode(post);
}

async function apply(post: FormPost): Promise<Response> {
  const { typed, target, language, form } = post;
  const vouchedFor = vouched(post);
  const isOther = form.otp === null && vouchedFor === null && form.handoff?.phoneVerifiedAt != null;
  if (post.isOurs && isOther) {
    return showAgain(post, { faults: { phone: say('phoneChanged', language) }, status: UNPROCESSABLE });
  }
  if (!post.isOurs || (form.otp === null && vouchedFor === null))
    return showAgain(post, { message: say('formExpired', language), status: UNPROCESSABLE });
  if (post.isStale) return showAgain(post, { message: say('textsChanged', language), status: UNPROCESSABLE });
  const read = readForm(typed, target.product, language, false);
  const faults: Record<string, string> = { ...read.faults };
  if (!post.agreements.every(({ document }) => post.ticked.has(document))) {
    faults.consent = say('consentNeeded', language);
  }
  if (vouchedFor === null && fieldFault({ kind: 'otp' }, typed.otp ?? '') !== undefined)
    faults.otp = say('otpNeeded', language);
  if (Object.keys(faults).length > 0) return showAgain(post, { faults, status: UNPROCESSABLE });
  await tellVisit(post.deps, form.load, [{ type: 'submit' }]);
  if (vouchedFor !== null) return takeIn(post, read, { by: target.partner.id, at: vouchedFor });
  const phone = normalisePhone(typed.phone ?? '');
  if (!phone.ok || form.otp === null || phone.e164 !== form.otp.phone) {
    const changed = { ...post, form: { ...form, otp: null } };
    return showAgain(changed, { faults: { phone: say('phoneChanged', language) }, status: UNPROCESSABLE });
  }
  const wrongCode = await codeFault(post, form.otp);
  if (wrongCode) return wrongCode;
  // The phone is verified first; only then does what was ticked count.
  return takeIn(post, read, { by: 'sluice', at: isoOf(post.deps.page.clock.nowMs()) });
}

/** When the partner that handed the applicant over has verified this phone, if its word counts; null = a code is asked for. */
function vouched({ form: { handoff }, typed }: FormPost): string | null {
  return handoff !== undefined && typed.phone === handoff.person.phone ? handoff.phoneVerifiedAt : null;
}

async function takeIn(
  post: FormPost,
  { applicant, requested }: Pick<ReadForm, 'applicant' | 'requested'>,
  verified: { readonly by: string; readonly at: string },
): Promise<Response> {
  const { c, deps, form, target, language } = post;
  const acceptedAt = isoOf(deps.page.clock.nowMs());
  const browser = { ip: deps.perimeter.addressOf(c), userAgent: userAgentOf(c) };
  const result = await applyOnPage(deps.page, {
    target,
    formId: form.formId,
    clickId: form.clickId,
    handoffId: form.handoff?.id ?? null,
    partnerUserRef: form.handoff?.partnerUserRef ?? null,
    applicant: { ...applicant, phone_verified_at: verified.at },
    requested,
    consents: consentsOf(post.agreements, { acceptedAt, ...browser }),
    verifications: [{ kind: 'sms', provider: verified.by, result: 'pass', at: verified.at }],
    device: {
      ...(browser.ip === '' ? {} : { ip: browser.ip }),
      ...(browser.userAgent === '' ? {} : { user_agent: browser.userAgent }),
    },
  });
  if (result.kind === 'conflict') return showAgain(post, { message: say('formUsed', language), status: UNPROCESSABLE });
  if (result.kind === 'invalid')
    return showAgain(post, { ...faultsOf(result.faults, language), status: UNPROCESSABLE });
  addLogFields(c, { application_id: result.application.id });
  if (form.handoff !== undefined) await deps.handoffs.handoffs.conclude(form.handoff.id, result.application.id);
  const token = sealResult(deps.sealer, result.application.id);
  const location = `/apply/${encodeURIComponent(target.code)}/result?t=${token}&lang=${language}`;
  return new Response(null, { status: 303, headers: { location, 'cache-control': 'no-store' } });
}

/** Faults that only the intake sees, beside the input that each points to. */
function faultsOf(faults: readonly InputFault[], language: Language): { faults: FieldFaults; message?: string } {
  const found: Record<string, string> = {};
  for (const { pointer, code } of faults) {
    const [, root, ...path] = pointer.split('/');
    if (root === 'applicant')
      found[path.join('.')] = say(code === 'field_missing' ? 'required' : 'valueInvalid', language);
    else if (root === 'consents') found.consent = say('consentNeeded', language);
    else return { faults: found, message: say('cannotHere', language) };
  }
  return { faults: found };
}
