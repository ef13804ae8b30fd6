/** What a sandbox applicant's story is. */
export type Scenario =
  | 'repays_on_time'
  | 'declined'
  | 'needs_input'
  | 'stays_in_review'
  | 'payout_fails'
  | 'first_payment_default'
  | 'cooling_off'
  | 'settles_early'
  | 'slow_core'
  | 'disordered_events'
  | 'draws_by_itself'
  | 'asks_for_otp'
  | 'drawdown_declined'
  | 'debit_fails'
  | 'guarantor_pays'
  | 'payout_returned'
  | 'payment_reversed'
  | 'settles_on_day_ten'
  | 'limit_raised'
  | 'existing_customer';

const BY_SUFFIX: Readonly<Record<string, Scenario>> = {
  '0000': 'repays_on_time',
  '0001': 'declined',
  '0002': 'needs_input',
  '0003': 'stays_in_review',
  '0004': 'payout_fails',
  '0005': 'first_payment_default',
  '0006': 'cooling_off',
  '0007': 'settles_early',
  '0008': 'slow_core',
  '0009': 'disordered_events',
  '0010': 'draws_by_itself',
  '0011': 'asks_for_otp',
  '0012': 'drawdown_declined',
  '0013': 'debit_fails',
  '0014': 'guarantor_pays',
  '0015': 'payout_returned',
  '0016': 'payment_reversed',
  '0017': 'settles_on_day_ten',
  '0018': 'limit_raised',
  '0019': 'existing_customer',
};

/** The story that the last four digits of a phone number stand for; any others repay on time. */
export function scenarioOfPhone(phone: unknown): Scenario {
  const suffix = typeof phone === 'string' ? phone.replace(/\D/g, '').slice(-4) : '';
  return BY_SUFFIX[suffix] ?? 'repays_on_time';
}

/**
 * Whether the applicant draws down in the lender's own app: 0010, and everybody who came by a link.
 * @param partner as in the body of `POST /applications`
 */
export function drawsByItself(scenario: Scenario, partner: { kind?: unknown; via?: unknown } | null): boolean {
  return scenario === 'draws_by_itself' || partner?.kind === 'referral' || partner?.via === 'click';
}
