import { businessDayAt } from '../base/business-day.ts';
import type { Clock } from '../base/clock.ts';
import type { FunnelReader } from '../insight/funnel-reader.ts';
import type { PlaceStore } from '../limits/place-store.ts';
import { type Looker, lookNowAndThen } from '../redis/look-now-and-then.ts';
import type { Registry } from '../registry/registry.ts';
import {
  type ApplicationCap,
  capOfLender,
  capOfLink,
  capOfPartner,
  capOfProduct,
} from '../screening/application-caps.ts';
import type { LinkTarget } from './find-link.ts';
import type { LinkCaps } from './record-click.ts';

export interface LinkCapBoardDeps {
  readonly registry: () => Registry;
  readonly places: Pick<PlaceStore, 'count'>;
  readonly funnel: Pick<FunnelReader, 'read'>;
  /** Business time. */
  readonly clock: Clock;
  /** Gets what fails in the background; Redis being away is not told. */
  readonly failed: (error: unknown) => void;
}

/** What is clicked is read so often … */
const READ_EVERY_MS = 1_000;
/** … for so long after its last click … */
const LATELY_MS = 60_000;
/** … and for the first time this soon after its first one: those of one moment are read together. */
const SOON_MS = 20;
/** Links with caps of their own that are watched at one time, and caps behind links. */
const WATCHED_MAX = 2_000;

/** What was read last of one cap, or of the caps of one link. */
interface Reading {
  /** Real time of the last click. */
  askedAtMs: number;
  /** Business time until which it is full: the end of a day; 0 = it is not. */
  fullUntilMs: number;
}

/**
 * Which links are full for today, without a look-up on the way of a click. Only what was clicked lately is read, in the
 * background, so a click may be as old as the last reading: what must be exact (applications, billable clicks) is counted
 * exactly elsewhere. While Redis is away, what was full stays full until its day is over.
 */
export class LinkCapBoard implements LinkCaps {
  readonly #deps: LinkCapBoardDeps;
  /** Caps on applications of partners, products and lenders: many links share them. */
  readonly #shared = new Map<ApplicationCap, Reading>();
  readonly #links = new Map<string, Reading & { target: LinkTarget }>();
  readonly #looker: Looker;
  #soon: NodeJS.Timeout | undefined;
  #isStarted = false;

  constructor(deps: LinkCapBoardDeps) {
    this.#deps = deps;
    this.#looker = lookNowAndThen(() => this.refresh(), READ_EVERY_MS, deps.failed);
  }

  start(): void {
    this.#isStarted = true;
    this.#looker.start();
  }

  async stop(): Promise<void> {
    this.#isStarted = false;
    clearTimeout(this.#soon);
    await this.#looker.stop();
  }

  /** Whether the link, or its partner, product or lender, is full for today: then its clicks go elsewhere. */
  isFull(target: LinkTarget, nowMs: number): boolean {
    const realMs = Date.now();
    const { partner, product, caps } = target;
    const lender = this.#deps.registry().lenders.get(product.lender_id);
    // Each is asked, so that each is read: no short cut.
    const byPartner = this.#isSharedFull(capOfPartner(partner), nowMs, realMs);
    const byProduct = this.#isSharedFull(capOfProduct(product), nowMs, realMs);
    const byLender = this.#isSharedFull(lender && capOfLender(lender), nowMs, realMs);
    const hasOwn = caps.clicks_per_day !== undefined || caps.applications_per_day !== undefined;
    const byLink = hasOwn && this.#isLinkFull(target, nowMs, realMs);
    return byPartner || byProduct || byLender || byLink;
  }

  /** Reads everything that was clicked lately. @throws when Redis cannot be used; what was read before stays */
  async refresh(): Promise<void> {
    const nowMs = this.#deps.clock.nowMs();
    const lately = Date.now() - LATELY_MS;
    forget(this.#shared, lately, nowMs);
    forget(this.#links, lately, nowMs);
    await Promise.all([
      ...[...this.#shared].map(([cap, reading]) => this.#readShared(cap, reading, nowMs)),
      ...[...this.#links.values()].map((reading) => this.#readLink(reading, nowMs)),
    ]);
  }

  #isSharedFull(cap: ApplicationCap | undefined, nowMs: number, realMs: number): boolean {
    if (cap === undefined) return false;
    const reading = this.#shared.get(cap);
    if (reading !== undefined) {
      reading.askedAtMs = realMs;
      return nowMs < reading.fullUntilMs;
    }
    makeRoom(this.#shared);
    this.#shared.set(cap, { askedAtMs: realMs, fullUntilMs: 0 });
    this.#readSoon();
    return false;
  }

  #isLinkFull(target: LinkTarget, nowMs: number, realMs: number): boolean {
    const reading = this.#links.get(target.code);
    if (reading !== undefined) {
      reading.askedAtMs = realMs;
      reading.target = target;
      return nowMs < reading.fullUntilMs;
    }
    makeRoom(this.#links);
    this.#links.set(target.code, { askedAtMs: realMs, fullUntilMs: 0, target });
    this.#readSoon();
    return false;
  }

  #readSoon(): void {
    if (!this.#isStarted || this.#soon !== undefined) return;
    this.#soon = setTimeout(() => {
      this.#soon = undefined;
      // A reading that fails here is read again by the looker, which tells of faults.
      this.refresh().catch(() => undefined);
    }, SOON_MS);
  }

  async #readShared(cap: ApplicationCap, reading: Reading, nowMs: number): Promise<void> {
    const isFull = (await this.#deps.places.count(cap, nowMs)) >= cap.limit;
    reading.fullUntilMs = isFull ? businessDayAt(nowMs, cap.zone).endsAtMs : 0;
  }

  async #readLink(reading: Reading & { target: LinkTarget }, nowMs: number): Promise<void> {
    const { code, partner, product, caps } = reading.target;
    const { day, endsAtMs } = businessDayAt(nowMs, product.timezone);
    const cap = capOfLink(partner.id, code, caps, product);
    const [{ clicks, applications, refused }, places] = await Promise.all([
      this.#deps.funnel.read(partner.id, { by: 'link_day', value: code, day }),
      cap === undefined ? 0 : this.#deps.places.count(cap, nowMs),
    ]);
    // Those that begin at the lender take no place: they are never refused, and the funnel alone knows them.
    const accepted = Math.max(places, applications - refused);
    const isFull = isReached(clicks.billable, caps.clicks_per_day) || isReached(accepted, caps.applications_per_day);
    reading.fullUntilMs = isFull ? endsAtMs : 0;
  }
}

function isReached(count: number, cap: number | undefined): boolean {
  return cap !== undefined && count >= cap;
}

/** What is full is kept until its day is over, however seldom it is clicked: the click after a pause must not slip through. */
function forget(readings: Map<unknown, Reading>, latelyMs: number, nowMs: number): void {
  for (const [key, { askedAtMs, fullUntilMs }] of readings) {
    if (askedAtMs < latelyMs && fullUntilMs <= nowMs) readings.delete(key);
  }
}

/** The one that was met first leaves. */
function makeRoom(readings: Map<unknown, Reading>): void {
  if (readings.size < WATCHED_MAX) return;
  const oldest = readings.keys().next();
  if (!oldest.done) readings.delete(oldest.value);
}
