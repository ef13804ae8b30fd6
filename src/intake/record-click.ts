import { isbot } from 'isbot';
import type { ClickArrival, RecordedClick } from '../attribution/clicks/click.ts';
import { CLICK_RANDOM_DIGITS } from '../attribution/clicks/click-id.ts';
import type { ClickStore } from '../attribution/clicks/click-store.ts';
import { newVisitorCookie, type Visitors } from '../attribution/clicks/visitors.ts';
import { type EntryVerdict, judgeEntry } from '../attribution/entry/judge-entry.ts';
import type { LinkStore } from '../attribution/link-store.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import { randomDigits } from '../base/random-digits.ts';
import type { PausePort } from '../catalogue/pause-port.ts';
import { isUnavailable, isUnsent } from '../redis/is-unavailable.ts';
import type { Registry } from '../registry/registry.ts';
import { closedNow } from '../screening/product-rules.ts';
import { findLink, type LinkTarget, linkInMemory } from './find-link.ts';
import { landingAgain, receptionOf } from './receive-by-variant.ts';

/** Where a click is kept while Redis is away. */
export interface ClicksAway {
  /**
   * Resolves with the id that the browser gets, as soon as the click will outlive this process.
   * @param sentAtMs real time at which recording it was tried and ended without an answer; null = it was never sent
   */
  keep(arrival: ClickArrival, sentAtMs: number | null): Promise<RecordedClick>;
}

/** Whether nobody more is wanted through a link today; asked on every click, so it answers from memory. */
export interface LinkCaps {
  isFull(target: LinkTarget, nowMs: number): boolean;
}

export interface ClickDeps {
  readonly registry: () => Registry;
  readonly links: LinkStore;
  readonly clicks: Pick<ClickStore, 'record'>;
  readonly clicksAway: ClicksAway;
  readonly visitors: Visitors;
  readonly pauses: PausePort;
  readonly linkCaps: LinkCaps;
  /** Whether an address belongs to a data centre. */
  readonly isDataCentre: (address: string) => boolean;
  /** Told what was wrong with the address of a signed link. */
  readonly entryJudged?: (partnerId: string, verdict: EntryVerdict) => void;
  /** Told of the shard of each click that was recorded. */
  readonly clickRecorded: (shard: number) => void;
  readonly clock: Clock;
}

/** Somebody arriving through a link. */
export interface ClickRequest {
  /** Our own cookie's value. */
  readonly cookie: string | undefined;
  readonly address: string;
  readonly userAgent: string;
  /** HEAD, or a browser fetching ahead: answered alike, never paid for. */
  readonly isSpeculative: boolean;
  readonly subIds: Readonly<Record<string, string>>;
  /** What follows the `?` of the address. */
  readonly rawQuery: string;
  /** What the browser asks for; only links with variants need to know. */
  readonly language?: 'zh' | 'en' | undefined;
}

export interface ClickAnswer {
  readonly clickId: string;
  /** Where its variant leads instead of the link's landing; undefined when it leads nowhere else. */
  readonly landing: string | undefined;
  /** Why the browser goes to the link's fallback address; null when it goes where the link leads. */
  readonly cause: string | null;
  /** A cookie to set, so that this browser is known again. */
  readonly cookie: string | null;
}

/**
 * The link of a code, if somebody may be sent anywhere by it; undefined when there is none, or it belongs to a partner that
 * may send nobody and leads nowhere else. No promise whenever the link is in memory.
 */
export function openLink(deps: ClickDeps, code: string): LinkTarget | undefined | Promise<LinkTarget | undefined> {
  const found = findLink(deps.registry(), deps.links, code);
  return found instanceof Promise ? found.then(ifLeadsAnywhere) : ifLeadsAnywhere(found);
}

/** The same from memory alone. */
export function openLinkInMemory({ registry, links }: ClickDeps, code: string): LinkTarget | undefined {
  return ifLeadsAnywhere(linkInMemory(registry(), links, code));
}

function ifLeadsAnywhere(target: LinkTarget | undefined): LinkTarget | undefined {
  if (target === undefined) return undefined;
  return target.partner.status === 'active' || target.fallbackUrl !== null ? target : undefined;
}

/**
 * Records a click on a link and says which one it is and where it goes. Everything but the one script is decided from
 * memory. When Redis is away the click is kept elsewhere and answered all the same.
 */
export async function recordClick(deps: ClickDeps, target: LinkTarget, request: ClickRequest): Promise<ClickAnswer> {
  const nowMs = deps.clock.nowMs();
  const registry = deps.registry();
  const entry = judgeEntry(
    registry.entryPolicies.get(target.partner.id),
    target,
    request.rawQuery,
    systemClock.nowMs(),
  );
  if (entry !== null) deps.entryJudged?.(target.partner.id, entry);
  const refusal = causeOfEntry(entry);
  const cause = refusal ?? causeNotOpen(deps, registry, target, nowMs);
  const visitor = deps.visitors.identify(request.cookie, request.address, request.userAgent);
  const bot = isBot(request.userAgent);
  const random = randomDigits(CLICK_RANDOM_DIGITS);
  const reception = cause === null ? receptionOf(target, random, request) : undefined;
  const arrival: ClickArrival = {
    shard: visitor.shard,
    cookie: visitor.cookie,
    // A click that can bring nobody is neither somebody's earlier click nor anybody's first: the next one may.
    windowMs: refusal === null && cause !== SUSPENDED ? target.sameVisitorMs : 0,
    random,
    facts: {
      link_code: target.code,
      partner_id: target.partner.id,
      product_id: target.product.id,
      lender_id: target.product.lender_id,
      visitor: visitor.pseudonym,
      bot,
      speculative: request.isSpeculative,
      cause,
      entry: entry?.fault ?? null,
      ip: visitor.address,
      dc: deps.isDataCentre(request.address),
      sub_ids: request.subIds,
      variant: reception?.mark,
      at_ms: nowMs,
    },
  };
  const { id, isNew } = await recordOrKeep(deps, arrival);
  const isFirst = isNew && visitor.cookie === null && !bot && !request.isSpeculative;
  const landing = reception && (isNew ? reception.variant.landing : landingAgain(target, id, request));
  return { clickId: id, landing, cause, cookie: isFirst ? newVisitorCookie(visitor) : null };
}

async function recordOrKeep(deps: ClickDeps, arrival: ClickArrival): Promise<RecordedClick> {
  const sentAtMs = systemClock.nowMs();
  try {
    const recorded = await deps.clicks.record(arrival);
    deps.clickRecorded(arrival.shard);
    return recorded;
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    return deps.clicksAway.keep(arrival, isUnsent(error) ? null : sentAtMs);
  }
}

/** Of a partner that may send nobody: see `touchOfClick`. */
const SUSPENDED = 'suspended';

function causeNotOpen(deps: ClickDeps, registry: Registry, target: LinkTarget, nowMs: number): string | null {
  const { partner, product } = target;
  const standing = {
    partnerActive: partner.status === 'active',
    lenderActive: registry.lenders.get(product.lender_id)?.status === 'active',
    paused: deps.pauses.isQuiet ? undefined : deps.pauses.stopOf(product.id, 'new', nowMs),
  };
  const closed = closedNow(product, standing, nowMs);
  // Whose suspension it is makes a difference to whoever comes back later: the lender's is none of the partner's.
  if (closed?.detail === SUSPENDED && standing.partnerActive) return 'lender_suspended';
  if (closed !== undefined) return closed.detail;
  if (target.paused !== undefined) return 'link_paused';
  return deps.linkCaps.isFull(target, nowMs) ? 'capped' : null;
}

function causeOfEntry(entry: EntryVerdict | null): string | null {
  return entry?.isEnforced === true ? `entry_${entry.fault}` : null;
}

/** The same few browsers send nearly all clicks, and the list of bots is one long expression. */
const judgedAgents = new Map<string, boolean>();
const JUDGED_AGENTS_MAX = 2_000;
/** Programs that fetch what a message will show of a link, beyond those that the list knows. */
const PREVIEWS = /(?:link|url|uri|page)[-_ ]?(?:preview|expand|unfurl|snapshot|inspect)|unfurl|\bpreviewer\b|^viber\b/i;

/** Whether the isbot list knows the user agent, or it fetches previews; no user agent at all is no browser. */
export function isBot(userAgent: string): boolean {
  const judged = judgedAgents.get(userAgent);
  if (judged !== undefined) return judged;
  const bot = userAgent === '' || isbot(userAgent) || PREVIEWS.test(userAgent);
  if (judgedAgents.size >= JUDGED_AGENTS_MAX) judgedAgents.clear();
  judgedAgents.set(userAgent, bot);
  return bot;
}
