import { createHmac } from 'node:crypto';
import { codeOf } from './check-field.ts';
import { type FormPost, showAgain, UNPROCESSABLE } from './form-post.ts';
import type { FormState } from './form-token.ts';
import { say } from './page-texts.ts';

/** Different codes that one form may try. */
const ATTEMPTS_MAX = 5;
/** Enough that two codes of one form are not taken for one. */
const DIGEST_LENGTH = 12;

/** Checks the code; the tries are counted where the browser cannot take them back. */
export async function codeFault(post: FormPost, sent: NonNullable<FormState['otp']>): Promise<Response | undefined> {
  const { form, language, typed } = post;
  const place = { phone: sent.phone, formId: form.formId };
  const code = codeOf(typed.otp ?? '');
  const { clicks, fingerprintKey } = post.deps.page;
  const digest = createHmac('sha256', fingerprintKey).update(`otp\0${form.formId}\0${code}`).digest('base64url');
  const clickId = form.clickId ?? `clk_${form.formId}`;
  const attempt = await clicks.countAttempt(clickId, form.formId, digest.slice(0, DIGEST_LENGTH), ATTEMPTS_MAX);
  const isOver = attempt > ATTEMPTS_MAX;
  const verdict = isOver ? 'wrong' : await post.otp.judgeCode(place, sent.state, code);
  if (verdict === 'right') return undefined;
  if (verdict === 'expired') {
    const expired = { ...post, form: { ...form, otp: null } };
    return showAgain(expired, { message: say('otpExpired', language), status: UNPROCESSABLE });
  }
  if (attempt >= ATTEMPTS_MAX) {
    const spent = { ...post, form: { ...form, otp: null } };
    return showAgain(spent, { message: say('otpSpent', language), status: UNPROCESSABLE });
  }
  const otp = say('otpWrong', language, { n: ATTEMPTS_MAX - attempt });
  return showAgain(post, { faults: { otp }, status: UNPROCESSABLE });
}
