import { type Finding, STAYS_ON_AT, share, type WindowName } from './finding.ts';
import type { WatchWindow } from './tally.ts';

/** Hashed questions from which on nobody who is accepted, or nobody who comes, is no chance. */
const ASKED_MIN = 10_000;
const TOLD_MIN = 5_000;
/** Share of accepted ones, and applications a question, that are next to none. */
const ACCEPTED_MAX = 0.005;
const APPLICATIONS_MAX = 1 / 10_000;

/**
 * Hashes by the thousand, of which next to nobody is accepted, or next to nobody comes: somebody else's list is being read
 * through us.
 * @param applications accepted ones of this partner, in at least the time of the window
 */
export function detectHashOnly(
  window: WindowName,
  { counts }: WatchWindow,
  applications: number,
  isOn: boolean,
): Finding | undefined {
  const ease = isOn ? STAYS_ON_AT : 1;
  const { hashed, hashed_told: told, hashed_accepted: accepted } = counts;
  const isUnaccepted = told >= TOLD_MIN * ease && accepted <= told * (ACCEPTED_MAX / ease);
  const isUnconverted = hashed >= ASKED_MIN * ease && applications <= hashed * (APPLICATIONS_MAX / ease);
  if (!isUnaccepted && !isUnconverted) return undefined;
  const evidence = {
    asked_hashed: hashed,
    accepted_share: share(accepted, told),
    applications,
  };
  return { kind: 'hash_only', window, evidence };
}
