import type { Click } from './clicks/click.ts';
import type { BoundTouch } from './touch-store.ts';
import type { VoidCode } from './why-codes.ts';

/** A click as the touch that it is. One that can never count says why, for as long as it is known. */
export function touchOfClick(
  click: Pick<Click, 'id' | 'partner_id' | 'link_code' | 'at_ms' | 'bot' | 'cause'>,
): BoundTouch {
  const { id, partner_id, link_code, at_ms } = click;
  const voided = voidOf(click);
  return { kind: 'click', id, partner_id, link_code, ...(voided ? { void: voided } : {}), at_ms };
}

/**
 * Robots bring nobody; what a signed link's signature did not hold for was nobody's traffic, and a suspended partner may send
 * none. Where the product was merely closed or full, whoever comes back through it was brought all the same.
 */
function voidOf({ bot, cause }: Pick<Click, 'bot' | 'cause'>): VoidCode | undefined {
  if (bot) return 'bot_click';
  if (cause?.startsWith(ENTRY_CAUSE)) return 'entry_refused';
  return cause === 'suspended' ? 'partner_suspended' : undefined;
}

/** What the causes of refused signed links begin with. */
const ENTRY_CAUSE = 'entry_';
