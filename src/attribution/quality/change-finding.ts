import { isoOf, msOf } from '../../base/clock.ts';
import type { Found, QualityFinding, QualityHold } from './finding.ts';

/** What is done about a finding after a judgement. */
export type Change =
  | { readonly kind: 'raise'; readonly found: Found }
  /** One that was watched is held from now on. */
  | { readonly kind: 'hold'; readonly before: QualityFinding; readonly found: Found }
  | { readonly kind: 'see'; readonly before: QualityFinding; readonly found: Found }
  | { readonly kind: 'end'; readonly before: QualityFinding };

/** What was seen again is noted so often. */
const SEE_EVERY_MS = 60_000;

/**
 * Compares what is on with what was found now. A hold stays for the time that it was laid for, so that its partner can rely
 * on what it was told; then it is judged afresh. What is watched ends with its cause.
 */
export function changesOf(on: readonly QualityFinding[], found: readonly Found[], nowMs: number): Change[] {
  const known = new Map(on.map((finding) => [finding.code, finding]));
  const changes = found.flatMap((one): Change[] => {
    const before = known.get(one.code);
    if (before === undefined) return [{ kind: 'raise', found: one }];
    if (before.severity === 'watch' && one.severity === 'hold') return [{ kind: 'hold', before, found: one }];
    return nowMs - msOf(before.last_seen_at) < SEE_EVERY_MS ? [] : [{ kind: 'see', before, found: one }];
  });
  const seen = new Set(found.map(({ code }) => code));
  const over = on.filter(({ code, severity }) => severity === 'watch' && !seen.has(code));
  return [...changes, ...over.map((before): Change => ({ kind: 'end', before }))];
}

/** A finding as it is after a change. */
export function changedFinding(
  change: Exclude<Change, { kind: 'raise' }>,
  hold: QualityHold | null,
  nowMs: number,
): QualityFinding {
  const now = isoOf(nowMs);
  if (change.kind === 'end') return { ...change.before, ended_at: now };
  const { before, found } = change;
  const seen = { ...before, numbers: found.numbers, last_seen_at: now };
  return change.kind === 'see' ? seen : { ...seen, severity: 'hold', hold };
}
