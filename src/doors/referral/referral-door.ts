import { createDoor } from '../../http/app.ts';
import { registerApply } from './apply.ts';
import { registerApplyResult } from './apply-result.ts';
import { registerFollowLink } from './follow-link.ts';
import { noticePage } from './notice-page.ts';
import { registerOpenHandoff } from './open-handoff.ts';
import { registerPageAssets } from './page-assets.ts';
import { registerPageEvents } from './page-events.ts';
import { pageHandler } from './page-handler.ts';
import type { ReferralDeps, ReferralDoor } from './referral-deps.ts';

/** `/r`, `/apply`, `/h`, `/e`: people who follow links. Public. */
export function createReferralDoor(deps: ReferralDeps): ReferralDoor {
  const door: ReferralDoor = createDoor({ name: DOOR_NAME }, deps);
  registerFollowLink(door, deps);
  // Before the pages: no link's code is `assets` with a second segment.
  registerPageAssets(door, deps);
  registerApply(door, deps);
  registerApplyResult(door, deps);
  registerOpenHandoff(door, deps);
  registerPageEvents(door, deps);
  // An address that was cut off or has something behind it: people are told so in words.
  const nothing = pageHandler(deps, NO_ROUTE, (c) => noticePage(c, 404, 'linkUnknown'));
  door.on(['GET'], ['/r/*', '/apply/*', '/h/*'], nothing);
  return door;
}

const DOOR_NAME = 'referral';
const NO_ROUTE = '(none)';
