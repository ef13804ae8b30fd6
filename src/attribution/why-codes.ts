/** Why a candidate won or lost. Stable: partners' programs read them. */
export const WHY_CODES = [
  // Of winners, and of valid candidates that they have beaten
  'existing_claim',
  'submitted_by',
  'first_touch',
  'last_touch',
  // Valid, beaten by another touch
  'older_touch',
  'newer_touch',
  // Outside its window
  'below_lookback',
  'above_lookback',
  'later_than_arrival',
  // Never a touch that counts
  'precheck_is_not_a_touch',
  'bot_click',
  'entry_refused',
  'partner_suspended',
  'partner_terminated',
  'partner_gone',
  // What partners are told of another partner's candidate instead of the reasons that would tell about that partner
  'not_counted',
] as const;

export type WhyCode = (typeof WHY_CODES)[number];

/** Reasons for which a touch can never count, however it is looked at. */
export type VoidCode = Extract<
  WhyCode,
  'bot_click' | 'entry_refused' | 'partner_suspended' | 'partner_terminated' | 'partner_gone'
>;

const VOID_CODES: ReadonlySet<string> = new Set<VoidCode>([
  'bot_click',
  'entry_refused',
  'partner_suspended',
  'partner_terminated',
  'partner_gone',
]);

export function isVoidCode(code: string): code is VoidCode {
  return VOID_CODES.has(code);
}
