import { isoOf } from '../../base/clock.ts';
import { isId } from '../../base/ids.ts';
import type { Language } from '../../http/accept-language.ts';
import { readBody, readWebBody } from '../../http/read-body.ts';
import { addLogFields, type DoorContext } from '../../http/request-context.ts';
import { normalisePhone } from '../../identity/normalise-phone.ts';
import { applyOnPage } from '../../intake/apply-on-page.ts';
import type { LinkTarget } from '../../intake/find-link.ts';
import type { InputFault } from '../../intake/intake-deps.ts';
import { agreementsOf, consentsOf, type PageAgreement } from './agreements.ts';
import { type ApplyView, applyPage } from './apply-view.ts';
import { headerOf, userAgentOf } from './browser.ts';
import { type FormState, newForm, openForm, sealForm, sealResult } from './form-token.ts';
import { isClosedNow } from './is-closed-now.ts';
import { languageOf, noticePage } from './notice-page.ts';
import type { OtpPort } from './otp-port.ts';
import { say } from './page-texts.ts';
import { agreedToAll, type FieldFaults, readForm, type Typed, typedOf } from './read-form.ts';
import type { ReferralDeps } from './referral-deps.ts';

const FORM_TYPE = 'application/x-www-form-urlencoded';
const BODY_MAX_BYTES = 64 * 1024;
/** Wrong codes that one form may give. */
const ATTEMPTS_MAX = 5;
const UNPROCESSABLE = 422;

/** One post of the form, read once. */
interface Post {
  readonly c: DoorContext<never>;
  readonly deps: ReferralDeps;
  readonly otp: OtpPort;
  readonly target: LinkTarget;
  readonly language: Language;
  readonly typed: Typed;
  readonly isAgreed: boolean;
  readonly agreements: readonly PageAgreement[];
  readonly form: FormState;
  /** Whether the sealed state that came along was good. */
  readonly isOurs: boolean;
}

/** A post of the form: sends a code, or applies. Whatever is wrong, the form comes back as it was typed. */
export async function submitForm(c: DoorContext<never>, deps: ReferralDeps, target: LinkTarget): Promise<Response> {
  if (deps.otp === null) return noticePage(c, 200, 'closed');
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
  const opened = openForm(deps.sealer, typed.form ?? '', target.code);
  const click = c.req.query('click') ?? '';
  const form = opened ?? newForm(target.code, isId('clk', click) ? click : null);
  const post: Post = {
    c,
    deps,
    otp: deps.otp,
    target,
    language,
    typed,
    isAgreed: agreedToAll(body, agreements),
    agreements,
    form,
    isOurs: opened !== undefined,
  };
  return typed.step === 'apply' ? apply(post) : sendCode(post);
}

async function sendCode(post: Post): Promise<Response> {
  const { typed, target, language } = post;
  const read = readForm(typed, target.product, language, true);
  const phone = normalisePhone(typed.phone ?? '');
  if (!phone.ok) {
    const missing = { phone: say(typed.phone ? 'phoneInvalid' : 'required', language) };
    return show(post, { faults: { ...read.faults, ...missing }, status: UNPROCESSABLE });
  }
  // A new code is a new form: what was guessed before counts against the old one.
  const form = newForm(target.code, post.form.clickId);
  const sent = await post.otp.sendCode({ phone: phone.e164, formId: form.formId, language });
  if (sent.kind === 'refused') return show(post, { message: say('otpRefused', language), status: UNPROCESSABLE });
  const otp = { phone: phone.e164, state: sent.state };
  return show({ ...post, form: { ...form, otp } }, { faults: read.faults });
}

async function apply(post: Post): Promise<Response> {
  const { typed, target, language, form } = post;
  if (!post.isOurs || form.otp === null)
    return show(post, { message: say('formExpired', language), status: UNPROCESSABLE });
  const read = readForm(typed, target.product, language, false);
  const faults: Record<string, string> = { ...read.faults };
  if (!post.isAgreed) faults.consent = say('consentNeeded', language);
  if (!/^\d{4,8}$/.test(typed.otp ?? '')) faults.otp = say('otpNeeded', language);
  if (Object.keys(faults).length > 0) return show(post, { faults, status: UNPROCESSABLE });
  const phone = normalisePhone(typed.phone ?? '');
  if (!phone.ok || phone.e164 !== form.otp.phone) {
    const changed = { ...post, form: { ...form, otp: null } };
    return show(changed, { faults: { phone: say('phoneChanged', language) }, status: UNPROCESSABLE });
  }
  const wrongCode = await codeFault(post, form.otp);
  if (wrongCode) return wrongCode;
  return takeIn(post, read.applicant, read.requested);
}

/** Checks the code; the tries are counted where the browser cannot take them back. */
async function codeFault(post: Post, sent: NonNullable<FormState['otp']>): Promise<Response | undefined> {
  const { form, language, typed } = post;
  const request = { phone: sent.phone, formId: form.formId, language };
  const attempt = await post.deps.page.clicks.countAttempt(form.clickId ?? `clk_${form.formId}`, form.formId);
  const isRight = attempt <= ATTEMPTS_MAX && (await post.otp.verifyCode(request, sent.state, typed.otp ?? ''));
  if (isRight) return undefined;
  if (attempt >= ATTEMPTS_MAX) {
    const spent = { ...post, form: { ...form, otp: null } };
    return show(spent, { message: say('otpSpent', language), status: UNPROCESSABLE });
  }
  const otp = say('otpWrong', language, { n: ATTEMPTS_MAX - attempt });
  return show(post, { faults: { otp }, status: UNPROCESSABLE });
}

async function takeIn(
  post: Post,
  applicant: Readonly<Record<string, unknown>>,
  requested: ReturnType<typeof readForm>['requested'],
): Promise<Response> {
  const { c, deps, form, target, language } = post;
  const now = isoOf(deps.page.clock.nowMs());
  const browser = { ip: deps.perimeter.addressOf(c), userAgent: userAgentOf(c) };
  const result = await applyOnPage(deps.page, {
    target,
    formId: form.formId,
    clickId: form.clickId,
    applicant: { ...applicant, phone_verified_at: now },
    requested,
    consents: consentsOf(post.agreements, { acceptedAt: now, ...browser }),
    verifications: [{ kind: 'sms', provider: 'sluice', result: 'pass', at: now }],
    device: {
      ...(browser.ip === '' ? {} : { ip: browser.ip }),
      ...(browser.userAgent === '' ? {} : { user_agent: browser.userAgent }),
    },
  });
  if (result.kind === 'conflict') return show(post, { message: say('formUsed', language), status: UNPROCESSABLE });
  if (result.kind === 'invalid') return show(post, { ...faultsOf(result.faults, language), status: UNPROCESSABLE });
  addLogFields(c, { application_id: result.application.id });
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

function show(post: Post, change: Partial<Pick<ApplyView, 'faults' | 'message' | 'status'>>): Promise<Response> {
  const { deps, target, language, form, typed } = post;
  return applyPage({
    registry: deps.page.registry(),
    target,
    language,
    token: sealForm(deps.sealer, form),
    clickId: form.clickId,
    agreements: post.agreements,
    typed,
    isAgreed: post.isAgreed,
    faults: {},
    sentTo: form.otp?.phone ?? null,
    isSandbox: deps.env === 'sandbox',
    ...change,
  });
}
