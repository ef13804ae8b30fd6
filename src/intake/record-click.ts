import { isbot } from 'isbot';
import type { ClickArrival } from '../attribution/click.ts';
import type { ClickSpool } from '../attribution/click-spool.ts';
import type { ClickStore } from '../attribution/click-store.ts';
import type { LinkStore } from '../attribution/link-store.ts';
import { cookieOf, newClickId, type Visitors } from '../attribution/visitors.ts';
import type { Clock } from '../base/clock.ts';
import type { PausePort } from '../catalogue/pause-port.ts';
import { isUnavailable } from '../redis/is-unavailable.ts';
import type { Registry } from '../registry/registry.ts';
import { closedNow } from '../screening/product-rules.ts';
import { findLink, type LinkTarget } from './find-link.ts';

export interface ClickDeps {
  readonly registry: () => Registry;
  readonly links: LinkStore;
  readonly clicks: ClickStore;
  readonly spool: ClickSpool;
  readonly visitors: Visitors;
  readonly pauses: PausePort;
  readonly clock: Clock;
}

/** Somebody arriving through a link. */
export interface ClickRequest {
  readonly code: string;
  /** Our own cookie's value. */
  readonly cookie: string | undefined;
  readonly address: string;
  readonly userAgent: string;
  /** HEAD, or a browser fetching ahead: answered alike, never paid for. */
  readonly isSpeculative: boolean;
  readonly subIds: Readonly<Record<string, string>>;
}

export interface ClickAnswer {
  readonly clickId: string;
  /** `hosted`, or the URL to send the browser to. */
  readonly landing: string;
  /** A cookie to set, so that this browser is known again. */
  readonly cookie: string | null;
}

/**
 * Records a click on a link and says where to send the browser; undefined when there is no such link, or it belongs to a
 * partner that may send nobody and leads nowhere else. When Redis is away the click is kept on disk and answered all the same.
 */
export async function recordClick(deps: ClickDeps, request: ClickRequest): Promise<ClickAnswer | undefined> {
  const registry = deps.registry();
  const found = findLink(registry, deps.links, request.code);
  const target = found instanceof Promise ? await found : found;
  if (target === undefined) return undefined;
  const nowMs = deps.clock.nowMs();
  const cause = causeNotOpen(deps, registry, target, nowMs);
  const landing = cause === null ? target.landing : (target.fallbackUrl ?? target.landing);
  if (target.partner.status !== 'active' && target.fallbackUrl === null) return undefined;
  const visitor = deps.visitors.identify(request.cookie, request.address, request.userAgent);
  const bot = isBot(request.userAgent);
  const opensWindow = !bot && !request.isSpeculative;
  const id = newClickId(visitor.shard);
  const alias = visitor.fromCookie || !opensWindow ? null : cookieOf(id);
  const arrival: ClickArrival = {
    id,
    facts: {
      link_code: request.code,
      partner_id: target.partner.id,
      product_id: target.product.id,
      lender_id: target.product.lender_id,
      visitor: visitor.pseudonym,
      bot,
      cause,
      sub_ids: request.subIds,
      at_ms: nowMs,
    },
    opensWindow,
    mayBill: cause === null,
    alias,
  };
  const recorded = await recordOrKeep(deps, arrival);
  return { clickId: recorded.id, landing, cookie: recorded.unique ? alias : null };
}

async function recordOrKeep(deps: ClickDeps, arrival: ClickArrival): Promise<{ id: string; unique: boolean }> {
  try {
    return await deps.clicks.record(arrival);
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    await deps.spool.append(arrival);
    return { id: arrival.id, unique: true };
  }
}

function causeNotOpen(
  { pauses }: ClickDeps,
  registry: Registry,
  { partner, product }: LinkTarget,
  nowMs: number,
): string | null {
  const standing = {
    partnerActive: partner.status === 'active',
    lenderActive: registry.lenders.get(product.lender_id)?.status === 'active',
    paused: pauses.stopOf(product.id, 'new', nowMs),
  };
  return closedNow(product, standing, nowMs)?.detail ?? null;
}

/** The same few browsers send nearly all clicks, and the list of bots is one long expression. */
const judgedAgents = new Map<string, boolean>();
const JUDGED_AGENTS_MAX = 2_000;

/** Whether the isbot list knows the user agent; no user agent at all is no browser. */
export function isBot(userAgent: string): boolean {
  const judged = judgedAgents.get(userAgent);
  if (judged !== undefined) return judged;
  const bot = userAgent === '' || isbot(userAgent);
  if (judgedAgents.size >= JUDGED_AGENTS_MAX) judgedAgents.clear();
  judgedAgents.set(userAgent, bot);
  return bot;
}
