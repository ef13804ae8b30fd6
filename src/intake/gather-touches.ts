import type { ClickStore } from '../attribution/clicks/click-store.ts';
import type { HandoffStore } from '../attribution/handoffs/handoff-store.ts';
import { touchOfClick } from '../attribution/touch-of-click.ts';
import type { BoundTouch, TouchStore } from '../attribution/touch-store.ts';
import { isId } from '../base/ids.ts';

/** Where touches are known. */
export interface TouchSources {
  readonly clicks: ClickStore;
  readonly touches: TouchStore;
  readonly handoffs: Pick<HandoffStore, 'load'>;
}

/** What somebody says an applicant came by. */
export interface NamedTouches {
  readonly lenderId: string;
  readonly clickId?: string | null | undefined;
  readonly handoffId?: string | null | undefined;
  /** Whoever says so knows whose it is: what is named belongs to the applicant from now on. */
  readonly binds: boolean;
}

/**
 * The touches that are bound to any of the tokens and those that are named, each once. What is named and is none of ours, a
 * hand-off that nobody opened, and one to another lender's pages are no touches.
 */
export async function gatherTouches(
  deps: TouchSources,
  tokens: readonly string[],
  named: NamedTouches,
): Promise<readonly BoundTouch[]> {
  const [bound, click, handoff] = await Promise.all([
    deps.touches.touchesOf(tokens),
    namedClick(deps, tokens, named),
    namedHandoff(deps, tokens, named),
  ]);
  // What is named may be known as bound already.
  const found = new Map<string, BoundTouch>();
  for (const touch of [...bound, click, handoff]) {
    if (touch !== undefined && (touch.lender_id ?? named.lenderId) === named.lenderId) found.set(touch.id, touch);
  }
  return [...found.values()];
}

async function namedClick(
  { clicks }: TouchSources,
  tokens: readonly string[],
  { clickId, binds }: NamedTouches,
): Promise<BoundTouch | undefined> {
  const click = clickId ? await clicks.load(clickId) : undefined;
  if (click === undefined) return undefined;
  if (binds && tokens.length > 0) await clicks.bind(click, tokens);
  return touchOfClick(click);
}

async function namedHandoff(
  { handoffs, touches }: TouchSources,
  tokens: readonly string[],
  { handoffId, lenderId, binds }: NamedTouches,
): Promise<BoundTouch | undefined> {
  const stored = handoffId && isId('hnd', handoffId) ? await handoffs.load(handoffId) : undefined;
  if (stored === undefined || stored.spentAtMs === null || stored.handoff.lender_id !== lenderId) return undefined;
  const { id, partner_id, lender_id } = stored.handoff;
  const touch: BoundTouch = { kind: 'handoff', id, partner_id, link_code: null, lender_id, at_ms: stored.spentAtMs };
  if (binds && tokens.length > 0) await touches.bind(tokens, touch);
  return touch;
}
