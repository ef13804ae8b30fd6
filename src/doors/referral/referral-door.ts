import { createDoor } from '../../http/app.ts';
import { registerApply } from './apply.ts';
import { registerApplyResult } from './apply-result.ts';
import { registerFollowLink } from './follow-link.ts';
import { registerOpenHandoff } from './open-handoff.ts';
import type { ReferralDeps, ReferralDoor } from './referral-deps.ts';

/** `/r`, `/apply`, `/h`, `/e`: people who follow links. Public. */
export function createReferralDoor(deps: ReferralDeps): ReferralDoor {
  const door: ReferralDoor = createDoor({ name: DOOR_NAME }, deps);
  registerFollowLink(door, deps);
  registerApply(door, deps);
  registerApplyResult(door, deps);
  registerOpenHandoff(door, deps);
  return door;
}

const DOOR_NAME = 'referral';
