import type { Stop, Stopped } from './pause.ts';

/** What stops a product now, from memory: asked on every precheck, application and click. */
export interface PausePort {
  /** Whether no product has a pause: then nothing has to be asked one by one. */
  readonly isQuiet: boolean;
  /** Whether `stop` holds for a product at an instant of business time; undefined = it goes on. */
  stopOf(productId: string, stop: Stop, nowMs: number): Stopped | undefined;
}

/** Nothing is ever paused. */
export const NO_PAUSES: PausePort = { isQuiet: true, stopOf: () => undefined };
