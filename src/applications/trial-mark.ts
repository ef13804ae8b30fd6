/** With this `partner_user_ref` begin applications of people who were invented to try a lender out. */
export const TRIAL_MARK = 'trial-';

export function isTrialRef(partnerUserRef: string | null): boolean {
  return partnerUserRef?.startsWith(TRIAL_MARK) === true;
}
