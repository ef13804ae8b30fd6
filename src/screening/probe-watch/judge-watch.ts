import { detectHashOnly } from './detect-hash-only.ts';
import { detectHitRate, type HitRate } from './detect-hit-rate.ts';
import { detectMaskedSweep } from './detect-masked-sweep.ts';
import { detectSequentialSweep } from './detect-sequential-sweep.ts';
import type { AlarmKind, Finding, WindowName } from './finding.ts';
import type { WatchWindow } from './tally.ts';

/** Everything that is known of one partner's questions. */
export interface Watched {
  readonly windows: Readonly<Record<WindowName, WatchWindow>>;
  readonly baseline: HitRate;
  /** Accepted applications of today and yesterday. */
  readonly applications: number;
  /** Alarms that are on. */
  readonly on: ReadonlySet<AlarmKind>;
}

/** What gives alarm now, at most once a kind: in the shorter window when it does there. */
export function judgeWatch({ windows, baseline, applications, on }: Watched): readonly Finding[] {
  const [short, long] = [windows['10m'], windows['24h']];
  const sweepIsOn = on.has('sequential_sweep');
  const maskedIsOn = on.has('masked_sweep');
  const rateIsOn = on.has('hit_rate');
  return [
    detectSequentialSweep('10m', short, sweepIsOn) ?? detectSequentialSweep('24h', long, sweepIsOn),
    detectMaskedSweep('10m', short, maskedIsOn) ?? detectMaskedSweep('24h', long, maskedIsOn),
    detectHitRate('10m', short, baseline, rateIsOn) ?? detectHitRate('24h', long, baseline, rateIsOn),
    // Nobody comes within ten minutes.
    detectHashOnly('24h', long, applications, on.has('hash_only')),
  ].filter((finding) => finding !== undefined);
}
