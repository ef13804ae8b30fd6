import { isPersonCheck } from '../applications/verification/verification-provider.ts';
import { isCheckedWithCard } from './check-card.ts';
import type { Requirements } from './missing-requirements.ts';

/**
 * What a product requires of an application and the hosted page cannot take: photos, and checks that somebody else has to
 * make. Empty = the page can be used for it.
 * @param checksPeople whether we have people checked ourselves
 * @returns names as in a fault's `missing`: `documents.face`, `verifications.liveness`
 */
export function pageGaps(requirements: Requirements, checksPeople: boolean): string[] {
  const { applicant, documents, verifications } = requirements;
  const isMadeHere = (kind: string): boolean => {
    // The page has the phone verified by a code.
    if (kind === 'sms') return true;
    if (!checksPeople || !isPersonCheck(kind)) return false;
    if (kind !== 'four_elements') return true;
    return (
      isCheckedWithCard(requirements) || applicant.some((name) => name === 'bank_card' || name === 'bank_card.number')
    );
  };
  return [
    ...documents.map((kind) => `documents.${kind}`),
    ...verifications.filter((kind) => !isMadeHere(kind)).map((kind) => `verifications.${kind}`),
  ];
}
