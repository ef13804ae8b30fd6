import { createHash } from 'node:crypto';
import { HOUR_MS, MINUTE_MS } from '../../src/base/clock.ts';
import type { HitRate } from '../../src/screening/probe-watch/detect-hit-rate.ts';
import type { AlarmKind, Finding } from '../../src/screening/probe-watch/finding.ts';
import { judgeWatch } from '../../src/screening/probe-watch/judge-watch.ts';
import { PartnerSketch } from '../../src/screening/probe-watch/partner-sketch.ts';
import type { Probe } from '../../src/screening/probe-watch/probe.ts';
import { windowOf } from '../../src/screening/probe-watch/tally.ts';

/** Numbers between 0 and 1 that a seed repeats (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** About normally distributed, mean 0, deviation 1. */
export function normalOf(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export const PLAIN: Omit<Probe, 'phone'> = { form: 'plain', person: undefined, told: 'new', isAccepted: true };

/**
 * One partner, watched by some processes, as the store does it but in memory: slices of minutes and hours, summed up into
 * sliding windows.
 */
export class WatchedPartner {
  baseline: HitRate = { told: 0, known: 0 };
  applications = 1_000;
  readonly on = new Set<AlarmKind>();
  /** Every alarm that was raised, as it was raised. */
  readonly raised: Finding[] = [];
  readonly #sketches: readonly PartnerSketch[];
  readonly #minutes = new Map<number, Record<string, number>>();
  readonly #hours = new Map<number, Record<string, number>>();
  #next = 0;

  constructor({ processes = 1, seed = 1 }: { processes?: number; seed?: number } = {}) {
    const tokenOf = (text: string) => createHash('md5').update(text).digest('base64url').slice(0, 11);
    this.#sketches = Array.from({ length: processes }, (_, at) => new PartnerSketch(seed + at * 7_919, tokenOf));
  }

  /** One question; processes take turns, unless told which. */
  ask(probe: Probe, nowMs: number, process = this.#next++): void {
    this.#sketches[process % this.#sketches.length]?.note(probe, nowMs);
  }

  askPhone(phone: string, nowMs: number, process?: number): void {
    this.ask({ ...PLAIN, phone }, nowMs, process);
  }

  /** Adds up what was asked, and judges. */
  judge(nowMs: number): readonly Finding[] {
    for (const sketch of this.#sketches) {
      const tally = sketch.take();
      if (tally === undefined) continue;
      const entries: (readonly [string, number])[] = [...Object.entries(tally.counts), ...tally.crowds];
      for (const [slices, size] of [
        [this.#minutes, MINUTE_MS],
        [this.#hours, HOUR_MS],
      ] as const) {
        const at = Math.floor(nowMs / size);
        const slice = slices.get(at) ?? {};
        slices.set(at, slice);
        for (const [name, count] of entries) slice[name] = (slice[name] ?? 0) + count;
      }
    }
    const windows = {
      '10m': windowOf(latest(this.#minutes, Math.floor(nowMs / MINUTE_MS), 10)),
      '24h': windowOf(latest(this.#hours, Math.floor(nowMs / HOUR_MS), 24)),
    };
    const { baseline, applications, on } = this;
    const findings = judgeWatch({ windows, baseline, applications, on });
    for (const finding of findings) if (!on.has(finding.kind)) this.raised.push(finding);
    on.clear();
    for (const { kind } of findings) on.add(kind);
    return findings;
  }
}

function latest(slices: Map<number, Record<string, number>>, now: number, count: number): Record<string, number>[] {
  for (const at of slices.keys()) if (at < now - count) slices.delete(at);
  return [...slices.values()];
}
