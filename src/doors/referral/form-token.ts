import { createHash, randomBytes } from 'node:crypto';
import type { Prefill } from '../../attribution/handoffs/handoff.ts';
import { isId } from '../../base/ids.ts';
import type { Sealer } from '../../identity/seal.ts';

/**
 * What one form carries from post to post, sealed, so that the page works without a session: nobody else can make one or
 * read one, which also keeps other sites from posting in an applicant's name.
 */
export interface FormState {
  readonly formId: string;
  readonly code: string;
  readonly clickId: string | null;
  readonly issuedAtMs: number;
  /** Fingerprint of the agreements and terms that the page shows; empty = it has not been shown yet. */
  readonly shown: string;
  /** Set once a code was sent; `sentAtMs` real time. */
  readonly otp: { readonly phone: string; readonly state: string; readonly sentAtMs: number } | null;
  /** Name of the page load that the form came with; absent = nobody counts what happens on it. */
  readonly load?: string | undefined;
  /** The hand-off that opened the form; absent = a link did. */
  readonly handoff?: FormHandoff;
}

/** What a form carries of the hand-off that opened it. */
export interface FormHandoff {
  readonly id: string;
  readonly partnerUserRef: string | null;
  /** What was given of the person, in plain: sealed with the rest of the form, and nowhere else on the page. */
  readonly person: Omit<Prefill, 'phone_verified_at'>;
  /** When the partner verified the phone that came along, if that counts; null = a code is sent. */
  readonly phoneVerifiedAt: string | null;
}

const LIFETIME_MS = 2 * 60 * 60_000;
/** Addresses are found in histories and on other people’s screens; by then the lender is the one to ask. */
const RESULT_LIFETIME_MS = 180 * 24 * 60 * 60_000;
const FORM_AAD = 'apply-form';
const RESULT_AAD = 'apply-result';
const FORM_ID_BYTES = 16;

/** A new form. Real time: it has nothing to do with business days. */
export function newForm(code: string, clickId: string | null, handoff?: FormHandoff): FormState {
  const formId = randomBytes(FORM_ID_BYTES).toString('hex');
  const form = { formId, code, clickId, issuedAtMs: Date.now(), shown: '', otp: null };
  return handoff === undefined ? form : { ...form, handoff };
}

/**
 * The form that follows when a code is asked for: the same one whenever the same form is sent again, so that who taps twice
 * has one code, and another one for each code after that.
 */
export function formAfter(form: FormState, phone: string): FormState {
  const drawn = createHash('sha256').update(`${form.formId}\0${phone}`).digest('hex');
  return { ...form, formId: drawn.slice(0, 2 * FORM_ID_BYTES), issuedAtMs: Date.now(), otp: null };
}

export function sealForm(sealer: Sealer, form: FormState): string {
  return sealer.seal(form, FORM_AAD);
}

/** The form of this link; undefined when the text is none, is another link's, or is too old. */
export function openForm(sealer: Sealer, text: string, code: string): FormState | undefined {
  const opened = sealer.openJson(text, FORM_AAD, { purpose: 'hosted_page', applicationId: null, actor: null });
  if (!opened.ok) return undefined;
  const form = opened.plain as FormState;
  return form.code === code && Date.now() - form.issuedAtMs < LIFETIME_MS ? form : undefined;
}

/** Names an application to its applicant, and to nobody who only sees the address. */
export function sealResult(sealer: Sealer, applicationId: string): string {
  return sealer.seal({ applicationId, issuedAtMs: Date.now() }, RESULT_AAD);
}

/** The application of a result's address; undefined when it is none, or is too old. */
export function openResult(sealer: Sealer, text: string): string | undefined {
  const opened = sealer.openJson(text, RESULT_AAD, { purpose: 'hosted_page', applicationId: null, actor: null });
  if (!opened.ok) return undefined;
  const { applicationId, issuedAtMs } = opened.plain as { applicationId: string; issuedAtMs?: number };
  const isOver = Date.now() - (issuedAtMs ?? 0) > RESULT_LIFETIME_MS;
  return isId('app', applicationId) && !isOver ? applicationId : undefined;
}
