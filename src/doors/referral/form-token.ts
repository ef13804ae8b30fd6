import { randomBytes } from 'node:crypto';
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
  /** Set once a code was sent. */
  readonly otp: { readonly phone: string; readonly state: string } | null;
}

const LIFETIME_MS = 2 * 60 * 60_000;
const FORM_AAD = 'apply-form';
const RESULT_AAD = 'apply-result';
const FORM_ID_BYTES = 16;

/** A new form. Real time: it has nothing to do with business days. */
export function newForm(code: string, clickId: string | null): FormState {
  return { formId: randomBytes(FORM_ID_BYTES).toString('hex'), code, clickId, issuedAtMs: Date.now(), otp: null };
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
  return sealer.seal({ applicationId }, RESULT_AAD);
}

export function openResult(sealer: Sealer, text: string): string | undefined {
  const opened = sealer.openJson(text, RESULT_AAD, { purpose: 'hosted_page', applicationId: null, actor: null });
  if (!opened.ok) return undefined;
  const { applicationId } = opened.plain as { applicationId: string };
  return isId('app', applicationId) ? applicationId : undefined;
}
