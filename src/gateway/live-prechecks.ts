import type { Logger } from 'pino';
import type { Clock } from '../base/clock.ts';
import type { Metrics } from '../http/metrics.ts';
import { type LiveCore, LivePrechecks } from '../screening/live/live-prechecks.ts';
import type { StopList } from './stop-list.ts';

export interface LiveSettings {
  /** How a lender's core is reached now. */
  readonly coreOf: (lenderId: string) => LiveCore | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Composes the asking of lenders at their cores. */
export function openLivePrechecks({ coreOf, clock, logger, metrics }: LiveSettings, stops: StopList): LivePrechecks {
  const live = new LivePrechecks({
    coreOf,
    clock,
    observer: {
      answered: (lender, outcome, seconds) => metrics.observeLivePrecheck(lender, outcome, seconds),
      breaker: (lender, isOpen) => {
        if (isOpen) logger.warn({ lender }, 'a lender does not answer prechecks; its on_timeout answers for it');
        else logger.info({ lender }, 'a lender answers prechecks again');
      },
    },
  });
  stops.add('live prechecks', () => live.close());
  return live;
}
