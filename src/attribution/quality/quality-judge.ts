import { type Clock, isoOf, msOf, SECOND_MS } from '../../base/clock.ts';
import { mapBounded } from '../../base/map-bounded.ts';
import type { TrafficQuality } from '../../registry/schema/traffic-quality.ts';
import type { BillingBoard } from './billing-board.ts';
import { type Change, changedFinding, changesOf } from './change-finding.ts';
import type { DirtyLink, DirtyLinks } from './dirty-links.ts';
import { type Found, QUALITY_CODES, type QualityFinding, type QualityHold } from './finding.ts';
import { ended, type FindingStore, REMEMBER_HOLD_MS } from './finding-store.ts';
import { endOfNextDay, type Hold, LEAD_MS } from './hold.ts';
import { judgeLink, judgePartner } from './judge-traffic.ts';
import { localHour } from './local-hour.ts';
import type { Afresh, TrafficReading } from './reading.ts';
import type { RestoreClicks } from './restore-clicks.ts';
import { PAST_DAYS } from './traffic-day.ts';
import type { TrafficStore } from './traffic-store.ts';
import { ALL_LINKS } from './traffic-tally.ts';

/** What of a link, or of a partner's links together, a judgement needs to know. */
export interface JudgedPlace {
  /** null of a partner's links together. */
  readonly productId: string | null;
  readonly lenderId: string | null;
  readonly timeZone: string;
  readonly clickMinSeconds: number;
}

export interface QualityJudgeDeps {
  readonly traffic: Pick<TrafficStore, 'days' | 'top' | 'reportedOn'>;
  readonly findings: FindingStore;
  readonly dirty: DirtyLinks;
  readonly board: Pick<BillingBoard, 'read'>;
  readonly restores: Pick<RestoreClicks, 'all'>;
  /** undefined when there is no such link, or no such partner, any more. */
  readonly placeOf: (place: DirtyLink) => Promise<JudgedPlace | undefined>;
  readonly settings: () => TrafficQuality;
  /** Business time: days are those of the clicks. */
  readonly clock: Clock;
  /** When clicks are recorded. */
  readonly realClock: Clock;
  readonly observer: QualityObserver;
}

/** What the outside is told. */
export interface QualityObserver {
  raised(finding: QualityFinding): void | Promise<void>;
  ended(finding: QualityFinding): void | Promise<void>;
  /** Partners with links that are held now, and how many. */
  held(byPartner: ReadonlyMap<string, number>): void | Promise<void>;
  failed(error: unknown): void;
}

const JUDGE_EVERY_MS = 5 * SECOND_MS;
/** Places in one round; the rest wait for the next. */
const PLACES_MAX = 500;
const AT_ONCE = 8;
/** What is watched ends also when nobody clicks any more. */
const LOOK_AGAIN_MS = 60 * SECOND_MS;

/** Judges the traffic of links that had some, in the background; lays holds, ends them, and makes good what was lifted. */
export class QualityJudge {
  readonly #deps: QualityJudgeDeps;
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> = Promise.resolve();
  #lookedMs = 0;
  #isStopped = false;

  constructor(deps: QualityJudgeDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#turn;
  }

  /** Judges everything that is to be judged now. */
  async judgeAll(): Promise<void> {
    const { dirty, findings, clock, realClock } = this.#deps;
    await this.#endHolds(clock.nowMs());
    if (realClock.nowMs() - this.#lookedMs >= LOOK_AGAIN_MS) {
      this.#lookedMs = realClock.nowMs();
      for (const { partner_id, link_code } of await findings.on()) {
        await dirty.add(partner_id, link_code === null ? [] : [link_code]);
      }
    }
    const places = await dirty.take(PLACES_MAX);
    try {
      await mapBounded(places, AT_ONCE, (place) => this.judge(place));
    } catch (error) {
      for (const { partnerId, linkCode } of places) await dirty.add(partnerId, linkCode === null ? [] : [linkCode]);
      throw error;
    }
    await this.#restoreLifted();
    await this.#tellHeld();
  }

  /** Judges one link, or the links of a partner together. */
  async judge(place: DirtyLink): Promise<void> {
    const { findings, settings, clock } = this.#deps;
    const known = await this.#deps.placeOf(place);
    const nowMs = clock.nowMs();
    const on = await findings.onOf(place, QUALITY_CODES);
    const reading = known && (await this.#read(place, known, nowMs));
    const found =
      reading === undefined
        ? []
        : place.linkCode === null
          ? judgePartner(reading, settings())
          : judgeLink(reading, settings(), nowMs);
    for (const change of changesOf(on, found, nowMs)) {
      await this.#apply(change, { place, known, reading, nowMs });
    }
  }

  async #read(place: DirtyLink, known: JudgedPlace, nowMs: number): Promise<TrafficReading> {
    const { traffic, findings } = this.#deps;
    const { day: today, hour } = localHour(nowMs, known.timeZone);
    const link = place.linkCode ?? ALL_LINKS;
    const [days, top, afresh, reportedOn] = await Promise.all([
      traffic.days(place.partnerId, link, today),
      traffic.top(place.partnerId, link, today),
      findings.afreshOf(place, today),
      known.lenderId === null || known.productId === null ? today : traffic.reportedOn(known.lenderId, known.productId),
    ]);
    const { clickMinSeconds } = known;
    return { today, hour, days, top, afresh, isReported: reportedOn >= today - 1, clickMinSeconds };
  }

  async #apply(change: Change, round: Round): Promise<void> {
    const { findings, board, observer } = this.#deps;
    const { place, known, reading, nowMs } = round;
    const isHeld = change.kind !== 'end' && change.kind !== 'see' && change.found.severity === 'hold';
    const zone = isHeld && place.linkCode !== null ? known?.timeZone : undefined;
    const hold = zone === undefined ? null : holdFrom(nowMs, endOfNextDay(nowMs, zone));
    const before = change.kind === 'raise' ? null : change.before;
    const finding =
      change.kind === 'raise'
        ? newFinding(findings.newId(), place, change.found, { hold, nowMs })
        : changedFinding(change, hold, nowMs);
    const more =
      hold === null || reading === undefined
        ? {}
        : { hold: this.boardHold(finding, hold), afresh: withHeldDays(reading.afresh, reading.today) };
    // Somebody else was first: the next round sees what they did.
    if (!(await findings.write(before, finding, nowMs, more))) return;
    if (hold !== null) await board.read();
    if (change.kind === 'raise' || change.kind === 'hold') await observer.raised(finding);
    if (change.kind === 'end') await observer.ended(finding);
  }

  /** A hold as whoever counts clicks asks about it. */
  boardHold(finding: QualityFinding, hold: QualityHold): Hold {
    return {
      id: finding.id,
      partner_id: finding.partner_id,
      link_code: finding.link_code ?? '',
      from_ms: msOf(hold.from),
      until_ms: msOf(hold.until),
      restore_from_ms: null,
      recorded_from_ms: this.#deps.realClock.nowMs(),
      restore_recorded_from_ms: this.#deps.realClock.nowMs(),
      restored: false,
    };
  }

  /** A hold ends by its time; here only its finding is closed, and the link looked at again. */
  async #endHolds(nowMs: number): Promise<void> {
    const { findings, dirty, observer } = this.#deps;
    for (const finding of await findings.on()) {
      if (finding.hold === null || msOf(finding.hold.until) > nowMs) continue;
      const { partner_id: partnerId, link_code: linkCode } = finding;
      const untilMs = msOf(finding.hold.until);
      const known = await this.#deps.placeOf({ partnerId, linkCode });
      const zone = known?.timeZone;
      const { day } = zone === undefined ? { day: 0 } : localHour(untilMs, zone);
      const afresh = await findings.afreshOf({ partnerId, linkCode }, day);
      const isOver = await findings.write(finding, ended(finding, untilMs), nowMs, {
        afresh: { ...afresh, day: Math.max(day, afresh.day), before: day > afresh.day ? null : afresh.before },
      });
      if (!isOver) continue;
      if (linkCode !== null) await dirty.add(partnerId, [linkCode]);
      await observer.ended({ ...finding, ended_at: isoOf(untilMs) });
    }
  }

  async #restoreLifted(): Promise<void> {
    const { findings, restores, clock } = this.#deps;
    const nowMs = clock.nowMs();
    for (const hold of await findings.holds()) {
      if (hold.until_ms < nowMs - REMEMBER_HOLD_MS) await findings.forgetHold(hold.id);
      if (hold.restore_from_ms === null || hold.restored || hold.until_ms > nowMs) continue;
      await restores.all(hold);
      await findings.noteRestored(hold);
    }
  }

  async #tellHeld(): Promise<void> {
    const { findings, clock, observer } = this.#deps;
    const nowMs = clock.nowMs();
    const byPartner = new Map<string, number>();
    for (const { partner_id, from_ms, until_ms } of await findings.holds()) {
      if (from_ms > nowMs + LEAD_MS || until_ms <= nowMs) continue;
      byPartner.set(partner_id, (byPartner.get(partner_id) ?? 0) + 1);
    }
    await observer.held(byPartner);
  }

  #schedule(): void {
    this.#timer = setTimeout(() => {
      this.#turn = this.judgeAll()
        .catch(this.#deps.observer.failed)
        .then(() => {
          if (!this.#isStopped) this.#schedule();
        });
    }, JUDGE_EVERY_MS);
    this.#timer.unref();
  }
}

interface Round {
  readonly place: DirtyLink;
  readonly known: JudgedPlace | undefined;
  readonly reading: TrafficReading | undefined;
  readonly nowMs: number;
}

/** @param untilMs at most the end of the next day */
export function holdFrom(
  nowMs: number,
  untilMs: number,
  by: Pick<QualityHold, 'laid_by' | 'reason'> = NOBODY,
): QualityHold {
  return { from: isoOf(nowMs + LEAD_MS), until: isoOf(untilMs), ...by, lifted: null };
}

const NOBODY = { laid_by: null, reason: null };

export function newFinding(
  id: string,
  { partnerId, linkCode }: DirtyLink,
  { code, severity, numbers }: Found,
  { hold, nowMs }: { readonly hold: QualityHold | null; readonly nowMs: number },
): QualityFinding {
  const now = isoOf(nowMs);
  return {
    id,
    partner_id: partnerId,
    link_code: linkCode,
    code,
    severity,
    numbers,
    since: now,
    last_seen_at: now,
    ended_at: null,
    hold,
  };
}

/** Days of a hold are no past to compare with. */
export function withHeldDays(afresh: Afresh, today: number): Afresh {
  const recent = afresh.heldDays.filter((day) => day > today - PAST_DAYS);
  return { ...afresh, heldDays: [...new Set([...recent, today, today + DAY])] };
}

const DAY = 1;
