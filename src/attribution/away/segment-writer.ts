import type { FileHandle } from 'node:fs/promises';
import { isStillThere, type Segment, type SegmentFolder } from './segment-folder.ts';

/** A segment is closed when it is this long: some 8 000 clicks, a second's work to replay. */
export const SEGMENT_MAX_BYTES = 4 * 1_024 * 1_024;
/** Nobody who is to be redirected waits longer for the disk. */
export const DISK_PATIENCE_MS = 1_000;
/** A disk that could not be written is left alone for so long. */
export const DISK_RETRY_MS = 500;
/** Records that wait for a disk that hangs; beyond, they are not kept. */
const WAITING_MAX = 20_000;

/** `kept`: on disk. `full`: the spool has its size. `failed`: the disk cannot be written. `slow`: not written in time. */
export type KeepOutcome = 'kept' | 'full' | 'failed' | 'slow';

export interface SegmentWriterSettings {
  readonly folder: SegmentFolder;
  /** Index of this process. */
  readonly process: number;
  readonly owner: string;
  /** Bytes that all segments of this process may have together. */
  readonly maxBytes: number;
  /** Bytes that closed segments of this process have. */
  readonly closedBytes: () => number;
  /** Takes over a segment to which nothing is added any more. */
  readonly closed: (segment: Segment, records: number) => void;
  /** Told why the disk could not be written. */
  readonly failed: (error: unknown) => void;
  readonly nowMs: () => number;
  readonly segmentBytes?: number;
}

interface Waiting {
  readonly frame: Buffer;
  readonly settle: (outcome: KeepOutcome) => void;
}

interface OpenSegment {
  readonly segment: Segment;
  readonly file: FileHandle;
  bytes: number;
  records: number;
}

/**
 * Writes records into segments. All that wait at one moment share one write and one sync; a record is kept when its sync
 * has ended and the segment was still ours then.
 */
export class SegmentWriter {
  readonly #settings: SegmentWriterSettings;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #pumping: Promise<void> | undefined;
  #wantsRotation = false;
  #brokenUntilMs = Number.NEGATIVE_INFINITY;
  /** When the write that is under way began, monotonic ms. */
  #writingSince = Number.POSITIVE_INFINITY;
  #open: OpenSegment | undefined;

  constructor(settings: SegmentWriterSettings) {
    this.#settings = settings;
  }

  /** The segment that is being written. */
  get current(): { readonly segment: Segment; readonly bytes: number; readonly records: number } | undefined {
    return this.#open;
  }

  /** Keeps a record; never rejects, and settles within `DISK_PATIENCE_MS`. */
  append(frame: Buffer): Promise<KeepOutcome> {
    if (this.#settings.nowMs() < this.#brokenUntilMs) return Promise.resolve('failed');
    if (this.#bytes() + frame.length > this.#settings.maxBytes) return Promise.resolve('full');
    if (this.#waiting.length >= WAITING_MAX || this.#hangs()) return Promise.resolve('slow');
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve('slow'), DISK_PATIENCE_MS);
      const settle = (outcome: KeepOutcome): void => {
        clearTimeout(timer);
        resolve(outcome);
      };
      this.#waiting.push({ frame, settle });
      this.#waitingBytes += frame.length;
      this.#pumping ??= this.#pump();
    });
  }

  /** Writes what waits, and closes the segment that is being written. */
  rotate(): Promise<void> {
    this.#wantsRotation = true;
    this.#pumping ??= this.#pump();
    return this.#pumping;
  }

  async #pump(): Promise<void> {
    while (this.#waiting.length > 0 || this.#wantsRotation) {
      const group = this.#waiting;
      const bytes = this.#waitingBytes;
      this.#waiting = [];
      if (group.length > 0) {
        this.#writingSince = performance.now();
        const outcome = await this.#write(group);
        this.#writingSince = Number.POSITIVE_INFINITY;
        this.#waitingBytes -= bytes;
        for (const { settle } of group) settle(outcome);
      } else {
        this.#wantsRotation = false;
        await this.#close().catch((error: unknown) => this.#settings.failed(error));
      }
    }
    this.#pumping = undefined;
  }

  #hangs(): boolean {
    return performance.now() - this.#writingSince > DISK_PATIENCE_MS;
  }

  async #write(group: readonly Waiting[]): Promise<KeepOutcome> {
    const frames = group.map(({ frame }) => frame);
    try {
      // Once more when the segment was taken away in between: by one who had to think that we were gone.
      if ((await this.#writeOnce(frames)) || (await this.#writeOnce(frames))) return 'kept';
      throw new Error('segments are taken away while they are being written');
    } catch (error) {
      this.#settings.failed(error);
      this.#brokenUntilMs = this.#settings.nowMs() + DISK_RETRY_MS;
      // What was written in part stays readable; what comes next does not go behind it.
      await this.#close().catch((error: unknown) => this.#settings.failed(error));
      return 'failed';
    }
  }

  async #writeOnce(frames: readonly Buffer[]): Promise<boolean> {
    const bytes = frames.reduce((sum, frame) => sum + frame.length, 0);
    const open = await this.#openSegment();
    await writeAll(open.file, Buffer.concat(frames, bytes));
    await open.file.datasync();
    open.bytes += bytes;
    open.records += frames.length;
    if (!(await isStillThere(open.segment))) {
      this.#open = undefined;
      await open.file.close();
      return false;
    }
    if (open.bytes >= (this.#settings.segmentBytes ?? SEGMENT_MAX_BYTES)) await this.#close();
    return true;
  }

  async #openSegment(): Promise<OpenSegment> {
    if (this.#open !== undefined) return this.#open;
    const { folder, process, owner, nowMs } = this.#settings;
    this.#open = { ...(await folder.create(process, owner, nowMs())), bytes: 0, records: 0 };
    return this.#open;
  }

  async #close(): Promise<void> {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    const isEmpty = open.records === 0 && (await open.file.stat()).size === 0;
    await open.file.close();
    if (isEmpty) await this.#settings.folder.remove(open.segment);
    else this.#settings.closed({ ...open.segment, bytes: open.bytes }, open.records);
  }

  #bytes(): number {
    return this.#settings.closedBytes() + (this.#open?.bytes ?? 0) + this.#waitingBytes;
  }
}

/** `write` may take only a part of what it is given (write(2)). */
async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
}
