import { MINUTE_MS } from '../../base/clock.ts';

/** Why a code was not taken. */
export type OtpRefusal = 'otp_wrong' | 'otp_expired' | 'too_many_attempts' | 'action_expired';

/** The code that is always right. */
export const SANDBOX_OTP = '000000';
const OTP_LIVES_MS = 10 * MINUTE_MS;
const WRONG_MAX = 5;

/** A code that was sent to somebody. A new one lives anew, but wrong ones count together. */
export class OtpChallenge {
  #expiresMs: number;
  #wrong = 0;
  #passed = false;

  constructor(nowMs: number) {
    this.#expiresMs = nowMs + OTP_LIVES_MS;
  }

  get expiresMs(): number {
    return this.#expiresMs;
  }

  get isPassed(): boolean {
    return this.#passed;
  }

  get triesLeft(): number {
    return WRONG_MAX - this.#wrong;
  }

  /** No code is taken any more. */
  get isLocked(): boolean {
    return this.triesLeft === 0;
  }

  answer(right: boolean, nowMs: number): 'passed' | OtpRefusal {
    if (this.#passed) return 'action_expired';
    if (this.isLocked) return 'too_many_attempts';
    if (nowMs >= this.#expiresMs) return 'otp_expired';
    if (!right) {
      this.#wrong += 1;
      return 'otp_wrong';
    }
    this.#passed = true;
    return 'passed';
  }

  resend(nowMs: number): 'sent' | OtpRefusal {
    if (this.#passed) return 'action_expired';
    if (this.isLocked) return 'too_many_attempts';
    this.#expiresMs = nowMs + OTP_LIVES_MS;
    return 'sent';
  }
}
