import { MINUTE_MS } from '../../base/clock.ts';
import { isUnavailable } from '../../redis/is-unavailable.ts';
import type { SpoolObserver } from './click-spool.ts';
import type { ReplayReport } from './replay-segment.ts';
import type { Segment } from './segment-folder.ts';
import type { KeepOutcome } from './segment-writer.ts';

/** What has become of the clicks of this process that were answered while Redis was away. */
export interface SpoolCounts {
  readonly kept: Readonly<Record<KeepOutcome, number>>;
  readonly replayed: number;
  /** Records set aside because they could not be read or recorded. */
  readonly damaged: number;
}

/** Nobody reads the same line a thousand times. */
const TOLD_EVERY_MS = MINUTE_MS;
const REASONS: Readonly<Record<Exclude<KeepOutcome, 'kept'>, string>> = {
  full: 'the spool has reached its size',
  failed: 'the disk cannot be written',
  slow: 'the disk does not answer in time',
};

/** Counts what the spool does, and tells a person, once a minute, what is not as it should be. */
export class SpoolWatch implements SpoolObserver {
  readonly #tell: (error: unknown) => void;
  readonly #nowMs: () => number;
  readonly #toldAtMs = new Map<string, number>();
  readonly #kept: Record<KeepOutcome, number> = { kept: 0, full: 0, failed: 0, slow: 0 };
  #replayed = 0;
  #damaged = 0;

  /** @param tell gets errors whose messages are for a person */
  constructor(tell: (error: unknown) => void, nowMs: () => number) {
    this.#tell = tell;
    this.#nowMs = nowMs;
  }

  get counts(): SpoolCounts {
    return { kept: { ...this.#kept }, replayed: this.#replayed, damaged: this.#damaged };
  }

  kept(outcome: KeepOutcome): void {
    this.#kept[outcome] += 1;
    if (outcome === 'kept') return;
    const { full, failed, slow } = this.#kept;
    const message = `${REASONS[outcome]}: ${full + failed + slow} clicks since the start are in their ids only: they can be attributed, and are not counted`;
    this.#tellNowAndThen(outcome, new Error(message));
  }

  replayed({ stem }: Segment, { records, damaged }: ReplayReport): void {
    this.#replayed += records;
    this.#damaged += damaged;
    if (damaged === 0) return;
    this.#tell(new Error(`${damaged} records of ${stem} could not be read or recorded; they are in ${stem}.damaged`));
  }

  failed(error: unknown): void {
    const kind = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    this.#tellNowAndThen(isUnavailable(error) ? 'away' : kind, error);
  }

  #tellNowAndThen(kind: string, error: unknown): void {
    const nowMs = this.#nowMs();
    if (nowMs - (this.#toldAtMs.get(kind) ?? Number.NEGATIVE_INFINITY) < TOLD_EVERY_MS) return;
    this.#toldAtMs.set(kind, nowMs);
    this.#tell(error);
  }
}
