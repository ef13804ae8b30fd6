import { refusedBecause, refusedCode, type Taken, taken } from './book.ts';
import { OtpChallenge } from './otp-challenge.ts';
import { otpAction } from './payout-stories.ts';
import { lenderRefOf } from './terms.ts';

interface Card {
  readonly cardId: string;
  /** A code that must be given first; null = none. */
  readonly otp: OtpChallenge | null;
  readonly sentTo: string | null;
}

/** Cards that the lender debits: the first that is bound is the default, and when it goes, the newest. */
export class Cards {
  readonly #cards: Card[] = [];
  #default: string | null = null;

  /** Cards whose code was given, if they needed one; the default first. */
  get bound(): readonly string[] {
    return this.#bound.toSorted((one, other) => Number(other === this.#default) - Number(one === this.#default));
  }

  get #bound(): string[] {
    return this.#cards.filter(isBound).map((card) => card.cardId);
  }

  /** @param sound whether the number passes its check digit */
  bind(
    card: {
      readonly cardId: string;
      readonly sentTo: string | null;
      readonly sound: boolean;
      readonly asksOtp: boolean;
    },
    nowMs: number,
  ): Taken {
    const { cardId, sentTo } = card;
    if (!card.sound) return refusedBecause('card_refused');
    const reference = lenderRefOf('C', cardId);
    const known = this.#cards.find((other) => other.cardId === cardId);
    if (known !== undefined && isBound(known)) return taken(reference);
    this.remove(cardId);
    const otp = card.asksOtp ? new OtpChallenge(nowMs) : null;
    this.#cards.push({ cardId, otp, sentTo });
    if (otp === null) this.#default ??= cardId;
    return taken(reference, otp === null ? undefined : otpAction('card', otp, sentTo));
  }

  remove(cardId: string): Taken {
    const at = this.#cards.findIndex((card) => card.cardId === cardId);
    if (at >= 0) this.#cards.splice(at, 1);
    if (this.#default === cardId) this.#default = this.#bound.at(-1) ?? null;
    return taken(lenderRefOf('C', cardId));
  }

  answer(cardId: string, right: boolean, nowMs: number): Taken {
    const otp = this.#cards.find((card) => card.cardId === cardId)?.otp;
    if (!otp) return refusedBecause('action_expired');
    const verdict = otp.answer(right, nowMs);
    if (verdict === 'passed') {
      this.#default ??= cardId;
      return taken(lenderRefOf('C', cardId));
    }
    return refusedCode(verdict, otp.triesLeft);
  }

  resend(cardId: string, nowMs: number): Taken {
    const card = this.#cards.find((each) => each.cardId === cardId);
    if (!card?.otp) return refusedBecause('action_expired');
    const verdict = card.otp.resend(nowMs);
    if (verdict !== 'sent') return refusedBecause(verdict);
    return taken(lenderRefOf('C', cardId), otpAction('card', card.otp, card.sentTo));
  }
}

function isBound({ otp }: Card): boolean {
  return otp === null || otp.isPassed;
}
