import { isoOf } from '../base/clock.ts';

/** What a pause stops: prechecks and new applications, pushes to the lender's core, drawdowns. */
export const STOPS = ['new', 'submissions', 'drawdowns'] as const;
export type Stop = (typeof STOPS)[number];

/** Whose pause it is: neither replaces the other's, and a lender cannot lift an operator's. */
export type PausedBy = 'operator' | 'lender';

/** One stop of one product. There is at most one for each (product, stop, by whom). */
export interface Pause {
  readonly stop: Stop;
  readonly by: PausedBy;
  /** Business time at which it lapses by itself, epoch ms; null = when somebody resumes the product. */
  readonly until_ms: number | null;
  readonly reason: string;
  /** Who it was: the operator's name, or the lender's id. */
  readonly name: string;
  /** RFC 3339, business time. */
  readonly at: string;
}

/** That something is stopped now, and until when as far as that is known (epoch ms, business time). */
export interface Stopped {
  readonly untilMs: number | null;
}

/** A stop as everybody may read it. */
export interface ShownStop {
  readonly stop: Stop;
  /** RFC 3339; null = not known. */
  readonly until: string | null;
}

/** Whether a pause still holds. */
export function isLive({ until_ms: untilMs }: Pause, nowMs: number): boolean {
  return untilMs === null || untilMs > nowMs;
}

/** Whether `stop` holds now; with several pauses until the last of them ends. */
export function stoppedNow(pauses: readonly Pause[], stop: Stop, nowMs: number): Stopped | undefined {
  let found: Stopped | undefined;
  for (const pause of pauses) {
    if (pause.stop !== stop || !isLive(pause, nowMs)) continue;
    found = { untilMs: found === undefined ? pause.until_ms : laterOf(found.untilMs, pause.until_ms) };
  }
  return found;
}

/** Every stop that holds now, each once, in the order of {@link STOPS}. */
export function stopsNow(pauses: readonly Pause[], nowMs: number): readonly ShownStop[] {
  return STOPS.flatMap((stop) => {
    const stopped = stoppedNow(pauses, stop, nowMs);
    if (stopped === undefined) return [];
    return [{ stop, until: stopped.untilMs === null ? null : isoOf(stopped.untilMs) }];
  });
}

function laterOf(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : Math.max(one, other);
}
