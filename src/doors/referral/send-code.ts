import { normalisePhone } from '../../identity/normalise-phone.ts';
import { type FormPost, showAgain, UNPROCESSABLE, waitSeconds } from './form-post.ts';
import { formAfter } from './form-token.ts';
import type { OtpSent } from './otp-port.ts';
import { say } from './page-texts.ts';
import { tellVisit } from './page-visit.ts';
import { readForm } from './read-form.ts';

const TOO_MANY = 429;
const UNAVAILABLE = 503;

/** Sends a code to the phone; the rest of the form may still be unfinished. */
export async function sendCode(post: FormPost): Promise<Response> {
  const { typed, target, language } = post;
  const read = readForm(typed, target.product, language, true);
  const phone = normalisePhone(typed.phone ?? '');
  if (!phone.ok) {
    const missing = { phone: say(typed.phone ? 'phoneInvalid' : 'required', language) };
    return showAgain(post, { faults: { ...read.faults, ...missing }, status: UNPROCESSABLE });
  }
  const wait = post.form.otp?.phone === phone.e164 ? waitSeconds(post.form) : 0;
  if (wait > 0) {
    const headers = { 'retry-after': String(wait) };
    return showAgain(
      post,
      { faults: read.faults, message: say('otpWait', language, { n: wait }), status: TOO_MANY },
      headers,
    );
  }
  // A new code is a new form: what was guessed before counts against the old one.
  const form = { ...formAfter(post.form, phone.e164), shown: post.shown };
  const address = post.deps.perimeter.addressOf(post.c);
  const whose = { partnerId: target.partner.id, linkCode: target.code, address };
  const sent = await post.otp.sendCode({ phone: phone.e164, formId: form.formId, language, ...whose });
  if (sent.kind !== 'sent') return notSent(post, sent);
  await tellVisit(post.deps, form.load, [{ type: 'otp_sent' }]);
  const otp = { phone: phone.e164, state: sent.state, sentAtMs: Date.now() };
  const message = post.isOurs && post.isStale ? { message: say('textsChanged', language) } : {};
  return showAgain({ ...post, form: { ...form, otp } }, { faults: read.faults, ...message });
}

function notSent(post: FormPost, sent: Exclude<OtpSent, { readonly kind: 'sent' }>): Promise<Response> {
  const { language } = post;
  switch (sent.kind) {
    case 'refused':
      return showAgain(post, { message: say('otpRefused', language), status: UNPROCESSABLE });
    case 'failed':
      return showAgain(post, { message: say('otpFailed', language), status: UNAVAILABLE });
    case 'limited':
      return showAgain(post, { message: say('otpLimited', language), status: TOO_MANY });
    case 'wait': {
      const message = say('otpWait', language, { n: sent.seconds });
      return showAgain(post, { message, status: TOO_MANY }, { 'retry-after': String(sent.seconds) });
    }
  }
}
