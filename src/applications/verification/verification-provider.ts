/** The checks of a person that we can have made ourselves: 三要素 name, id number, phone; 四要素 with the bank card too. */
export const PERSON_CHECKS = ['three_elements', 'four_elements'] as const;
export type PersonCheckKind = (typeof PERSON_CHECKS)[number];

/** Whom to check, in normal form and in plain: held only while it is asked, never logged. */
export interface CheckedPerson {
  readonly name: string;
  readonly idNumber: string;
  /** National number; with a card the one that is reserved at the bank. */
  readonly phone: string;
  /** Digits only; needed for four elements. */
  readonly cardNumber?: string;
}

/** What a provider says. */
export interface ProviderResult {
  /** unknown = it could not tell. */
  readonly result: 'pass' | 'fail' | 'unknown';
  /** Who checked, at most 64 characters. */
  readonly provider: string;
  readonly score?: number;
  /** The provider's reference, at most 128 characters; holds nothing of the person. */
  readonly ref: string;
}

/** A place where people are checked. Each call may cost money, so nothing is asked twice. */
export interface VerificationProvider {
  /** What it is called where it gave no answer itself. */
  readonly name: string;
  /** @param signal ends the call: nobody waits for its answer any longer */
  check(kind: PersonCheckKind, person: CheckedPerson, signal: AbortSignal): Promise<ProviderResult>;
}

export function isPersonCheck(kind: string): kind is PersonCheckKind {
  return PERSON_CHECKS.some((one) => one === kind);
}
