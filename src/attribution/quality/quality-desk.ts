import { type Clock, isoOf, msOf } from '../../base/clock.ts';
import type { BillingBoard } from './billing-board.ts';
import type { QualityFinding, QualityLift } from './finding.ts';
import { ended, type FindingStore } from './finding-store.ts';
import { endOfNextDay, type Hold, LEAD_MS } from './hold.ts';
import { localHour } from './local-hour.ts';
import { holdFrom, type JudgedPlace, newFinding, type QualityJudge, withHeldDays } from './quality-judge.ts';
import { type Afresh, NEVER_HELD } from './reading.ts';
import type { TrafficStore } from './traffic-store.ts';

export interface QualityDeskDeps {
  readonly findings: FindingStore;
  readonly traffic: Pick<TrafficStore, 'days' | 'forgetTop'>;
  readonly board: Pick<BillingBoard, 'read'>;
  readonly judge: Pick<QualityJudge, 'boardHold'>;
  readonly placeOf: (place: { partnerId: string; linkCode: string | null }) => Promise<JudgedPlace | undefined>;
  /** Whose link it is; undefined when there is none. */
  readonly partnerOf: (linkCode: string) => Promise<string | undefined>;
  /** Business time. */
  readonly clock: Clock;
  readonly realClock: Clock;
}

export type LiftResult =
  | { readonly kind: 'lifted'; readonly finding: QualityFinding }
  | { readonly kind: 'unknown' }
  /** It is over, and nothing of it is asked to be restored. */
  | { readonly kind: 'over' };

export type HoldResult =
  | { readonly kind: 'held'; readonly finding: QualityFinding }
  | { readonly kind: 'unknown_link' }
  /** An operator holds the link already. */
  | { readonly kind: 'exists' }
  /** `until` is past, or later than the end of the next day (epoch ms). */
  | { readonly kind: 'bad_until'; readonly latestMs: number };

const WRITE_TRIES = 5;

/** What operators do about findings, and what everybody reads of them. */
export class QualityDesk {
  readonly #deps: QualityDeskDeps;

  constructor(deps: QualityDeskDeps) {
    this.#deps = deps;
  }

  /** Findings of 90 days, of one partner or of all, the latest first. */
  async list(partnerId: string | undefined): Promise<QualityFinding[]> {
    const nowMs = this.#deps.clock.nowMs();
    const found = await this.#deps.findings.list(partnerId, nowMs);
    return found.map((finding) => asOf(finding, nowMs));
  }

  async find(id: string): Promise<QualityFinding | undefined> {
    const finding = await this.#deps.findings.find(id);
    return finding && asOf(finding, this.#deps.clock.nowMs());
  }

  /** Whose link it is; undefined when there is none. */
  partnerOf(linkCode: string): Promise<string | undefined> {
    return this.#deps.partnerOf(linkCode);
  }

  /**
   * Ends a finding, and with it its hold: clicks are billable from now on. The same code is only watched on this link until
   * the end of the next day, and what was counted before says nothing any more.
   */
  async lift(
    id: string,
    { by, reason, restore }: { readonly by: string; readonly reason: string; readonly restore: boolean },
  ): Promise<LiftResult> {
    const { findings, board } = this.#deps;
    for (let attempt = 0; attempt < WRITE_TRIES; attempt += 1) {
      const before = await findings.find(id);
      if (before === undefined) return { kind: 'unknown' };
      const nowMs = this.#deps.clock.nowMs();
      const { hold } = before;
      const isOver = before.ended_at !== null || (hold !== null && msOf(hold.until) <= nowMs);
      if (isOver && (!restore || hold === null || hold.lifted?.restore === true)) return { kind: 'over' };
      const lift: QualityLift = { at: isoOf(nowMs), by, reason, restore: restore && hold !== null };
      const finding: QualityFinding = {
        ...(isOver ? asOf(before, nowMs) : ended(before, nowMs)),
        hold: hold && { ...hold, lifted: lift },
      };
      const stored = hold === null ? undefined : await findings.holdOf(id);
      const more = {
        afresh: await this.#afresh(before, nowMs),
        ...(hold === null ? {} : { hold: this.#lifted(stored ?? this.#rebuilt(before), lift, nowMs) }),
      };
      if (!(await findings.write(before, finding, nowMs, more))) continue;
      await board.read();
      return { kind: 'lifted', finding };
    }
    throw new Error(`the finding ${id} changes too fast to be lifted`);
  }

  /** Holds a link on an operator's word. */
  async hold(
    place: { readonly partnerId: string; readonly linkCode: string },
    { by, reason, untilMs }: { readonly by: string; readonly reason: string; readonly untilMs: number },
  ): Promise<HoldResult> {
    const { findings, board, judge, clock } = this.#deps;
    const known = await this.#deps.placeOf(place);
    if (known === undefined) return { kind: 'unknown_link' };
    const nowMs = clock.nowMs();
    const latestMs = endOfNextDay(nowMs, known.timeZone);
    if (untilMs <= nowMs + LEAD_MS || untilMs > latestMs) return { kind: 'bad_until', latestMs };
    const hold = holdFrom(nowMs, untilMs, { laid_by: by, reason });
    const found = { code: 'operator_hold', severity: 'hold', numbers: {} } as const;
    const finding = newFinding(findings.newId(), place, found, { hold, nowMs });
    const { day } = localHour(nowMs, known.timeZone);
    const afresh = withHeldDays(await findings.afreshOf(place, day), day);
    const isNew = await findings.write(null, finding, nowMs, { hold: judge.boardHold(finding, hold), afresh });
    if (!isNew) return { kind: 'exists' };
    await board.read();
    return { kind: 'held', finding };
  }

  /** From now on the link is judged by what comes from now on. */
  async #afresh(
    { partner_id: partnerId, link_code: linkCode, code, hold }: QualityFinding,
    nowMs: number,
  ): Promise<Afresh> {
    const known = await this.#deps.placeOf({ partnerId, linkCode });
    if (known === undefined || linkCode === null) return NEVER_HELD;
    const { day } = localHour(nowMs, known.timeZone);
    const held = hold === null ? day : localHour(msOf(hold.from), known.timeZone).day;
    const [days, afresh] = await Promise.all([
      this.#deps.traffic.days(partnerId, linkCode, day),
      this.#deps.findings.afreshOf({ partnerId, linkCode }, day),
    ]);
    await this.#deps.traffic.forgetTop(partnerId, linkCode, day);
    const lifted = Object.entries(afresh.lifted).filter(([, untilMs]) => untilMs > nowMs);
    return {
      day,
      before: days.get(day) ?? null,
      heldDays: afresh.heldDays.filter((one) => one < held || one > held + 1),
      lifted: { ...Object.fromEntries(lifted), [code]: endOfNextDay(nowMs, known.timeZone) },
    };
  }

  /** A hold after it was lifted; one that was over already stays as long as it was. */
  #lifted(hold: Hold, { restore }: QualityLift, nowMs: number): Hold {
    const { from_ms, until_ms, recorded_from_ms } = hold;
    return {
      ...hold,
      until_ms: Math.min(until_ms, nowMs + LEAD_MS),
      restore_from_ms: restore ? from_ms : nowMs,
      restore_recorded_from_ms: restore ? recorded_from_ms : this.#deps.realClock.nowMs(),
      restored: false,
    };
  }

  /** A hold that was forgotten, for making its clicks billable late. */
  #rebuilt(finding: QualityFinding): Hold {
    const { hold } = finding;
    if (hold === null) throw new Error(`${finding.id} has no hold`);
    // When it was laid in real time is known no longer: the log is read from its beginning.
    return { ...this.#deps.judge.boardHold(finding, hold), recorded_from_ms: 0 };
  }
}

/** A hold that has come to its end is over, whether or not somebody has noted it yet. */
function asOf(finding: QualityFinding, nowMs: number): QualityFinding {
  const { hold, ended_at } = finding;
  if (ended_at !== null || hold === null || msOf(hold.until) > nowMs) return finding;
  return { ...finding, ended_at: hold.until };
}
