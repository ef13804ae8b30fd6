import type { AlarmOn } from './alarm-store.ts';
import type { Finding } from './finding.ts';

/** What the outside is told: partners, kinds and counts. */
export interface WatchObserver {
  raised(alarm: AlarmOn, finding: Finding): void;
  ended(alarm: AlarmOn): void;
  failed(error: unknown): void;
}
