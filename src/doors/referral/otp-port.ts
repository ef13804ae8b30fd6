import type { Language } from '../../http/accept-language.ts';

/** What is to be verified. */
export interface OtpRequest {
  /** The normalised number that the code goes to. */
  readonly phone: string;
  readonly formId: string;
  readonly language: Language;
}

export type OtpSent =
  /** `state` comes back with the code; it travels sealed, so it may hold the provider's reference or a hash of the code. */
  | { readonly kind: 'sent'; readonly state: string }
  /** The provider will not send to this number now. */
  | { readonly kind: 'refused' };

/** Sends one-time codes to phones and checks them. Tries are counted by the caller. */
export interface OtpPort {
  sendCode(request: OtpRequest): Promise<OtpSent>;
  verifyCode(request: OtpRequest, state: string, code: string): Promise<boolean>;
}

/** The code that every phone gets in the sandbox. */
const SANDBOX_CODE = '000000';

/** Sends nothing; the code is always 000000. */
export const sandboxOtp: OtpPort = {
  sendCode: async () => ({ kind: 'sent', state: 'sandbox' }),
  verifyCode: async (_request, state, code) => state === 'sandbox' && code === SANDBOX_CODE,
};
