import { DAY_MS, isoOf, MINUTE_MS, SECOND_MS } from '../../base/clock.ts';
import { refusedBecause, refusedCode, type SandboxAction, type Taken, taken } from './book.ts';
import type { LoanPlay } from './loan-play.ts';
import { OtpChallenge } from './otp-challenge.ts';

const FIRST_NEWS_AFTER_MS = SECOND_MS / 2;
const DISBURSED_AFTER_MS = SECOND_MS;
const DECLINED_AFTER_MS = MINUTE_MS;
const DECLINED_FOR_DAYS = 7;
/** Who never gives the code gets no loan. */
const OTP_GIVEN_UP_AFTER_MS = DAY_MS;

/** From the request to the payout, or to where there will be none. */
export function startPayout(loan: LoanPlay): void {
  const { book, timeline, loanId } = loan.setting;
  if (book.scenario === 'asks_for_otp' && loanId !== null) {
    timeline.after(FIRST_NEWS_AFTER_MS, () => askForOtp(loan, loanId));
  } else if (book.scenario === 'drawdown_declined') {
    review(loan);
  } else {
    payOut(loan);
  }
}

function payOut(loan: LoanPlay): void {
  const { book, timeline } = loan.setting;
  timeline.after(FIRST_NEWS_AFTER_MS, () => {
    if (!loan.isPending) return;
    loan.status = 'paying_out';
    loan.tell('loan.paying_out');
  });
  timeline.after(DISBURSED_AFTER_MS, () => {
    if (loan.status !== 'paying_out') return;
    if (book.scenario === 'payout_fails') loan.end('payout_failed', 'loan.payout_failed', { reason: 'bank_rejected' });
    else loan.disburse();
  });
}

function review(loan: LoanPlay): void {
  const { timeline } = loan.setting;
  timeline.after(FIRST_NEWS_AFTER_MS, () => {
    if (!loan.isPending) return;
    loan.status = 'in_review';
    loan.tell('loan.in_review');
  });
  timeline.after(DECLINED_AFTER_MS, () => {
    const retry_at = isoOf(timeline.nowMs + DECLINED_FOR_DAYS * DAY_MS);
    if (loan.isPending) loan.end('declined', 'loan.declined', { reason: 'drawdown_policy', retry_at });
  });
}

function askForOtp(loan: LoanPlay, loanId: string): void {
  if (!loan.isPending) return;
  const { timeline } = loan.setting;
  const otp = new OtpChallenge(timeline.nowMs);
  const askedId = loan.tell('action.required', { ...otpAction('drawdown', otp, null), loan_id: loanId });
  const passed = (): void => {
    loan.tell('action.completed', { action_id: askedId });
    payOut(loan);
  };
  loan.challenge = { otp, passed };
  timeline.after(OTP_GIVEN_UP_AFTER_MS, () => {
    if (loan.isPending && !otp.isPassed) loan.end('declined', 'loan.declined', { reason: 'otp_expired' });
  });
}

/** An answer to the code that a drawdown waits for. After too many wrong ones there is no loan. */
export function answerLoanOtp(loan: LoanPlay, right: boolean): Taken {
  const { timeline } = loan.setting;
  const { challenge } = loan;
  if (challenge === null || !loan.isPending) return refusedBecause('action_expired');
  const verdict = challenge.otp.answer(right, timeline.nowMs);
  if (verdict === 'passed') {
    challenge.passed();
    return taken(loan.lenderRef);
  }
  if (verdict === 'otp_wrong' && challenge.otp.isLocked) {
    timeline.after(DECLINED_AFTER_MS, () => {
      if (loan.isPending) loan.end('declined', 'loan.declined', { reason: 'too_many_attempts' });
    });
  }
  return refusedCode(verdict, challenge.otp.triesLeft);
}

/** What somebody who must give a code is told. */
export function otpAction(
  scene: SandboxAction['scene'],
  challenge: OtpChallenge,
  sentTo: string | null,
): SandboxAction {
  return {
    type: 'otp',
    scene,
    ...(sentTo === null ? {} : { sent_to: sentTo }),
    message: 'A code was sent by text message. In the sandbox it is 000000.',
    expires_at: isoOf(challenge.expiresMs),
  };
}
