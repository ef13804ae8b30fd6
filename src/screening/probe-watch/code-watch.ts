import type { Clock } from '../../base/clock.ts';
import type { CodeCounts } from '../../limits/code-counts.ts';
import type { AlarmStore } from './alarm-store.ts';
import { type Finding, STAYS_ON_AT, share } from './finding.ts';
import type { WatchObserver } from './watch-observer.ts';

export interface CodeWatchDeps {
  readonly counts: Pick<CodeCounts, 'today'>;
  readonly alarms: AlarmStore;
  /** Codes that a partner may have in a day; undefined = nobody sends any. */
  readonly budget: () => number | undefined;
  readonly realClock: Clock;
  readonly observer: Pick<WatchObserver, 'raised'>;
}

/** From this share of the day's budget on, somebody should look before it is used up. */
const ALARM_AT = 0.8;

/**
 * Watches how many one-time codes are sent for a partner: somebody who lives on text messages to numbers of their own (短信轰炸)
 * asks for them by the thousand. Beyond the budget none are sent; the alarm comes before.
 */
export class CodeWatch {
  readonly #deps: CodeWatchDeps;

  constructor(deps: CodeWatchDeps) {
    this.#deps = deps;
  }

  /** Takes note of a code. @param today of the partner, this one included */
  async note(partnerId: string, today: number, budget: number): Promise<void> {
    const finding = detectCodePumping(today, budget, false);
    if (finding === undefined) return;
    const { alarms, realClock, observer } = this.#deps;
    const raised = await alarms.raise(partnerId, finding, realClock.nowMs());
    if (raised.isNew) observer.raised({ id: raised.id, partnerId, kind: finding.kind }, finding);
  }

  /** What today's codes of a partner look like, while the alarm is on. */
  async finding(partnerId: string): Promise<Finding | undefined> {
    const budget = this.#deps.budget();
    if (budget === undefined) return undefined;
    return detectCodePumping(await this.#deps.counts.today(partnerId, this.#deps.realClock.nowMs()), budget, true);
  }
}

/** @param isOn whether the alarm is on already */
export function detectCodePumping(codes: number, budget: number, isOn: boolean): Finding | undefined {
  const limit = budget * ALARM_AT * (isOn ? STAYS_ON_AT : 1);
  if (codes < limit) return undefined;
  return { kind: 'code_pumping', window: '24h', evidence: { codes, budget, share: share(codes, budget) } };
}
