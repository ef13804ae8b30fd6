import { LRUCache } from 'lru-cache';
import { isUnavailable } from '../../redis/is-unavailable.ts';
import { type ClickArrival, isPerson, type KeptClick, type RecordedClick } from '../clicks/click.ts';
import type { ClickStore } from '../clicks/click-store.ts';
import type { AwayClickIds } from './away-click-id.ts';
import type { DoubtfulClicks } from './doubtful-clicks.ts';
import { encodeFrame } from './frames.ts';
import { type ReplayReport, replaySegment } from './replay-segment.ts';
import { type Segment, SegmentFolder } from './segment-folder.ts';
import { type KeepOutcome, SegmentWriter } from './segment-writer.ts';
import { FREE, ownTag } from './spool-owner.ts';

/** Some million clicks for each process. Beyond, a click is in its id alone. */
export const SPOOL_MAX_BYTES = 512 * 1_024 * 1_024;
const LOOK_EVERY_MS = 1_000;
/** Segments that may fail in one round. */
const FAULTS_MAX = 3;
/** Visitors of an outage who are known again within their window. */
const VISITORS_KEPT = 20_000;

export interface SpoolObserver {
  /** How a click was kept: all but `kept` are in their ids only. */
  kept(outcome: KeepOutcome): void;
  replayed(segment: Segment, report: ReplayReport): void;
  failed(error: unknown): void;
}

export interface ClickSpoolSettings {
  readonly directory: string;
  /** Index of this process. */
  readonly process: number;
  readonly ids: AwayClickIds;
  readonly clicks: Pick<ClickStore, 'replay'>;
  readonly doubtful: Pick<DoubtfulClicks, 'find'>;
  /** Told of the shard of each click that was recorded. */
  readonly recorded: (shard: number) => void;
  readonly observer: SpoolObserver;
  /** Whether it makes no sense to replay now. */
  readonly isAway?: () => boolean;
  /** Real time. */
  readonly nowMs: () => number;
  readonly maxBytes?: number;
  readonly segmentBytes?: number;
}

export interface SpoolStatus {
  /** On disk, of all processes that share the folder. */
  readonly bytes: number;
  readonly segments: number;
  /** When the oldest segment was begun, real time, ms; null when there is none. */
  readonly oldestAtMs: number | null;
}

/**
 * Clicks that were answered while Redis was away: on disk before they are answered, recorded under the ids that the browsers
 * were given when Redis is back, by this process or by whichever comes after it.
 */
export class ClickSpool {
  readonly #settings: ClickSpoolSettings;
  readonly #owner = ownTag();
  readonly #folder: SegmentFolder;
  readonly #writer: SegmentWriter;
  /** Closed ones that are this process' to replay, by stem. */
  readonly #mine = new Map<string, Segment>();
  readonly #visitors = new LRUCache<string, string>({ max: VISITORS_KEPT });
  #timer: NodeJS.Timeout | undefined;
  #isStarted = false;
  #replaying: Promise<void> | undefined;

  constructor(settings: ClickSpoolSettings) {
    this.#settings = settings;
    this.#folder = new SegmentFolder(settings.directory);
    this.#writer = new SegmentWriter({
      folder: this.#folder,
      process: settings.process,
      owner: this.#owner,
      maxBytes: settings.maxBytes ?? SPOOL_MAX_BYTES,
      closedBytes: () => [...this.#mine.values()].reduce((sum, { bytes }) => sum + bytes, 0),
      closed: (segment) => this.#mine.set(segment.stem, segment),
      failed: (error) => settings.observer.failed(error),
      nowMs: settings.nowMs,
      ...(settings.segmentBytes === undefined ? {} : { segmentBytes: settings.segmentBytes }),
    });
  }

  /**
   * Keeps a click. Never rejects for want of a disk: the id carries the click.
   * @param sentAtMs real time at which recording it was tried and ended without an answer; null = it was never sent
   * @returns the id that the browser gets, as soon as it is on disk: that of its visitor's earlier click in the window, if
   * that was kept here too
   */
  async keep(arrival: ClickArrival, sentAtMs: number | null): Promise<RecordedClick> {
    const { facts, shard, random } = arrival;
    const id = this.#settings.ids.mint({
      shard,
      random,
      atMs: facts.at_ms,
      linkCode: facts.link_code,
      bot: facts.bot,
      speculative: facts.speculative,
      dataCentre: facts.dc,
      cause: facts.cause,
      subIds: facts.sub_ids,
    });
    const earlier = this.#earlierOf(arrival, id);
    const kept: KeptClick = { id, arrival, sentAtMs };
    this.#settings.observer.kept(await this.#writer.append(encodeFrame(JSON.stringify(kept))));
    return { id: earlier ?? id, isNew: earlier === undefined };
  }

  start(): void {
    this.#isStarted = true;
    this.#again();
  }

  /** Writes what waits and leaves every segment to whoever comes next. */
  async stop(): Promise<void> {
    this.#isStarted = false;
    clearTimeout(this.#timer);
    await this.#replaying;
    await this.#writer.rotate();
    for (const segment of this.#mine.values()) await this.#folder.give(segment, FREE);
    this.#mine.clear();
  }

  /** Replays now instead of at the next look: Redis is back. */
  kick(): void {
    if (!this.#isStarted) return;
    clearTimeout(this.#timer);
    this.replay()
      .catch((error: unknown) => this.#settings.observer.failed(error))
      .finally(() => this.#again());
  }

  /**
   * Records everything that is kept, here and by processes that are gone. Throws when Redis cannot be used; nothing is lost
   * then. One that is under way is joined.
   */
  replay(): Promise<void> {
    this.#replaying ??= this.#replayAll().finally(() => {
      this.#replaying = undefined;
    });
    return this.#replaying;
  }

  async status(): Promise<SpoolStatus> {
    const segments = await this.#folder.list();
    return {
      bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0),
      segments: segments.length,
      oldestAtMs: segments[0]?.begunAtMs ?? null,
    };
  }

  #again(): void {
    clearTimeout(this.#timer);
    if (this.#isStarted) this.#timer = setTimeout(() => this.kick(), LOOK_EVERY_MS);
  }

  async #replayAll(): Promise<void> {
    const { isAway, nowMs } = this.#settings;
    if (isAway?.() === true) {
      await this.#showLife(nowMs());
      return;
    }
    await this.#takeLeft(nowMs());
    await this.#replayClosed();
    // Only now: as long as the older ones cannot be recorded, this one goes on growing instead of becoming many.
    await this.#writer.rotate();
    await this.#replayClosed();
  }

  async #replayClosed(): Promise<void> {
    const faults: unknown[] = [];
    for (const segment of [...this.#mine.values()].sort((a, b) => a.begunAtMs - b.begunAtMs)) {
      await this.#folder.touch(segment, this.#settings.nowMs());
      await this.#replayOne(segment).catch((error: unknown) => {
        faults.push(error);
        // One segment that cannot be read keeps no other from being replayed; several are no matter of theirs.
        if (isUnavailable(error) || faults.length >= FAULTS_MAX) throw error;
      });
    }
    if (faults.length > 0) throw faults[0];
  }

  async #replayOne(segment: Segment): Promise<void> {
    const { ids, observer } = this.#settings;
    try {
      const report = await replaySegment(
        {
          folder: this.#folder,
          ids,
          record: (clicks) => this.#record(clicks, NOWHERE),
          settle: async (clicks) => this.#record(clicks, await this.#settings.doubtful.find(clicks)),
        },
        segment,
      );
      observer.replayed(segment, report);
    } catch (error) {
      // Somebody else has taken it, thinking that we were gone.
      if (!isAbsent(error)) throw error;
    }
    this.#mine.delete(segment.stem);
  }

  /** @returns the clicks that Redis refuses with a fault while it takes others */
  async #record(clicks: readonly KeptClick[], places: ReadonlyMap<string, string>): Promise<KeptClick[]> {
    const results = await Promise.allSettled(
      clicks.map(async (click) => {
        await this.#settings.clicks.replay(click, places.get(click.id) ?? null);
        this.#settings.recorded(click.arrival.shard);
      }),
    );
    const refused: KeptClick[] = [];
    for (const [index, result] of results.entries()) {
      if (result.status === 'fulfilled') continue;
      const click = clicks[index];
      // What befalls all of them is no fault of theirs.
      if (isUnavailable(result.reason) || results.every(({ status }) => status === 'rejected')) throw result.reason;
      this.#settings.observer.failed(result.reason);
      if (click) refused.push(click);
    }
    return refused;
  }

  /** Takes the segments of processes that are gone, each of them if nobody else does. */
  async #takeLeft(nowMs: number): Promise<void> {
    const current = this.#writer.current?.segment.stem;
    for (const segment of await this.#folder.list()) {
      if (this.#mine.has(segment.stem) || segment.stem === current) continue;
      if (!(await this.#folder.isLeft(segment, nowMs))) continue;
      const taken = await this.#folder.give(segment, this.#owner);
      if (taken) this.#mine.set(taken.stem, taken);
    }
  }

  async #showLife(nowMs: number): Promise<void> {
    const current = this.#writer.current;
    for (const segment of this.#mine.values()) await this.#folder.touch(segment, nowMs);
    if (current) await this.#folder.touch(current.segment, nowMs);
  }

  /** The id that the visitor of an arrival was given before in the window; if none, it is remembered with this one. */
  #earlierOf({ cookie, windowMs, facts }: ClickArrival, id: string): string | undefined {
    if (windowMs === 0) return undefined;
    const own = `${cookie ?? facts.visitor} ${facts.link_code}`;
    const earlier = this.#visitors.get(own) ?? this.#visitors.get(`${facts.visitor} ${facts.link_code}`);
    if (earlier === undefined && isPerson(facts)) this.#visitors.set(own, id, { ttl: windowMs });
    return earlier;
  }
}

const NOWHERE: ReadonlyMap<string, string> = new Map();

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
