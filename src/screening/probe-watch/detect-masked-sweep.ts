import { type Finding, STAYS_ON_AT, share, type WindowName } from './finding.ts';
import type { WatchWindow } from './tally.ts';

/** Different phones, id numbers or names under the two other parts of one masked person. Of real people there is one. */
const OF_ONE_PERSON = 40;
/** Different people of one name, and their share in all masked questions. The commonest names are borne by 1 in 3 000. */
const OF_ONE_NAME = 100;
const NAME_SHARE = 0.02;

/** Masked people who are guessed: the same name, or the same two parts of a person, with one part after the other. */
export function detectMaskedSweep(
  window: WindowName,
  { counts, largest }: WatchWindow,
  isOn: boolean,
): Finding | undefined {
  const ease = isOn ? STAYS_ON_AT : 1;
  const isPerson = largest.person >= OF_ONE_PERSON * ease;
  const isName = largest.name >= OF_ONE_NAME * ease && largest.name >= counts.masked * NAME_SHARE * ease;
  if (!isPerson && !isName) return undefined;
  const evidence = {
    asked_masked: counts.masked,
    largest_person: largest.person,
    largest_name: largest.name,
    largest_name_share: share(largest.name, counts.masked),
  };
  return { kind: 'masked_sweep', window, evidence };
}
