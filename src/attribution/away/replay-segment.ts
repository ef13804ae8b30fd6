import { createReadStream } from 'node:fs';
import type { KeptClick } from '../clicks/click.ts';
import type { AwayClickIds } from './away-click-id.ts';
import { encodeFrame, FrameReader } from './frames.ts';
import type { Segment, SegmentFolder } from './segment-folder.ts';

/** Clicks that are on their way to Redis at one time. */
export const REPLAYED_AT_ONCE = 100;
/** Clicks whose answer was lost are looked for together, since that reads the click logs. */
const DOUBTFUL_AT_ONCE = 2_000;

export interface ReplaySettings {
  readonly folder: SegmentFolder;
  readonly ids: AwayClickIds;
  /** Records clicks that were never sent; gives back those that it cannot record. Rejects when Redis cannot be used. */
  readonly record: (clicks: readonly KeptClick[]) => Promise<readonly KeptClick[]>;
  /** Likewise, of clicks that may be in the log already. */
  readonly settle: (clicks: readonly KeptClick[]) => Promise<readonly KeptClick[]>;
}

export interface ReplayReport {
  readonly records: number;
  /** Pieces that are set aside: damaged, forged, or refused by Redis with a fault. */
  readonly damaged: number;
  /** Whether its end was cut off. */
  readonly isTorn: boolean;
}

/**
 * Records everything in a segment, then removes it; what cannot be recorded is set aside in a file beside it. Memory does
 * not grow with the segment. One that broke off is begun again from its beginning: every click is recorded once all the same.
 * @throws what Redis failed with, or the disk; the segment stays then
 */
export async function replaySegment(settings: ReplaySettings, segment: Segment): Promise<ReplayReport> {
  const { folder, ids } = settings;
  const sent = new Batch(settings.record, REPLAYED_AT_ONCE);
  const doubtful = new Batch(settings.settle, DOUBTFUL_AT_ONCE);
  const reader = new FrameReader();
  let records = 0;
  let damaged = 0;
  let isTorn = false;
  const take = async (frames: ReturnType<FrameReader['push']>): Promise<void> => {
    const aside: Buffer[] = [];
    for (const frame of frames) {
      const click = frame.kind === 'record' ? readKept(ids, frame.text) : undefined;
      if (click !== undefined) {
        records += 1;
        aside.push(...(await (click.sentAtMs === null ? sent : doubtful).add(click)));
      } else if (frame.kind === 'torn') isTorn = true;
      else aside.push(frame.kind === 'record' ? encodeFrame(frame.text) : frame.bytes);
    }
    await putAside(aside);
  };
  const putAside = async (pieces: readonly Buffer[]): Promise<void> => {
    if (pieces.length === 0) return;
    damaged += pieces.length;
    await folder.setAside(segment, pieces);
  };
  for await (const chunk of createReadStream(segment.path)) await take(reader.push(chunk as Buffer));
  await take(reader.end());
  await putAside([...(await sent.end()), ...(await doubtful.end())]);
  await folder.remove(segment);
  return { records, damaged, isTorn };
}

/** Gathers clicks until there are enough; answers those that cannot be recorded, as frames. */
class Batch {
  readonly #work: ReplaySettings['record'];
  readonly #size: number;
  #clicks: KeptClick[] = [];

  constructor(work: ReplaySettings['record'], size: number) {
    this.#work = work;
    this.#size = size;
  }

  async add(click: KeptClick): Promise<Buffer[]> {
    this.#clicks.push(click);
    return this.#clicks.length < this.#size ? [] : this.end();
  }

  async end(): Promise<Buffer[]> {
    const clicks = this.#clicks;
    this.#clicks = [];
    const refused = clicks.length === 0 ? [] : await this.#work(clicks);
    return refused.map((click) => encodeFrame(JSON.stringify(click)));
  }
}

/** A click as it was kept; undefined when its id is none of ours, or of another arrival. */
function readKept(ids: AwayClickIds, text: string): KeptClick | undefined {
  try {
    const kept = JSON.parse(text) as KeptClick;
    const minted = ids.read(kept.id);
    const isItsOwn = minted?.random === kept.arrival.random && minted.shard === kept.arrival.shard;
    return isItsOwn ? kept : undefined;
  } catch {
    return undefined;
  }
}
