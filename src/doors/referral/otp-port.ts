import type { Language } from '../../http/accept-language.ts';

/** What is to be verified, and on whose behalf. */
export interface OtpRequest {
  /** The normalised number that the code goes to. */
  readonly phone: string;
  readonly formId: string;
  readonly language: Language;
  readonly partnerId: string;
  /** Code of the link, or id of the hand-off, whose page asks for it. */
  readonly linkCode: string;
  /** Whose browser asks; empty where that is not known. */
  readonly address: string;
}

export type OtpSent =
  /** `state` comes back with the code; it travels sealed, so it may hold the provider's reference or a hash of the code. */
  | { readonly kind: 'sent'; readonly state: string }
  /** Nobody will send to this number. */
  | { readonly kind: 'refused' }
  /** One was sent a moment ago. */
  | { readonly kind: 'wait'; readonly seconds: number }
  /** Too many were sent: to this number, for this address, through this link, for this partner. */
  | { readonly kind: 'limited' }
  /** It was not sent, or nobody knows whether it was. */
  | { readonly kind: 'failed' };

export type OtpVerdict = 'right' | 'wrong' | 'expired';

/** Sends one-time codes to phones and checks them. Tries are counted by the caller. */
export interface OtpPort {
  /** The code that every phone gets, where that is so; it is then told on the page. */
  readonly knownCode: string | null;
  /** @throws what Redis throws: what cannot be counted is not sent */
  sendCode(request: OtpRequest): Promise<OtpSent>;
  judgeCode(request: Pick<OtpRequest, 'phone' | 'formId'>, state: string, code: string): Promise<OtpVerdict>;
}

/** The code that every phone gets in the sandbox. */
const SANDBOX_CODE = '000000';

/** Sends nothing; the code is always 000000. */
export const sandboxOtp: OtpPort = {
  knownCode: SANDBOX_CODE,
  sendCode: async () => ({ kind: 'sent', state: 'sandbox' }),
  judgeCode: async (_request, state, code) => (state === 'sandbox' && code === SANDBOX_CODE ? 'right' : 'wrong'),
};
