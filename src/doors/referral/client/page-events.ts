import { ERROR_CODES, SECONDS_BUCKETS } from '../../../insight/pages/page-vocabulary.ts';
import { onFact } from './told.ts';

/** More than this on one page says nothing new. */
const ERRORS_MAX = 30;

/**
 * Tells the gateway how far people come on the page, and nothing of them. Where beacons are blocked or unknown it does nothing,
 * and nothing waits for it.
 */
export function startPageEvents({ dataset: { load, click } }: HTMLFormElement): void {
  if (!load || !click || !navigator.sendBeacon) return;
  let waiting: object[] = [{ type: 'view' }];
  let errors = 0;
  let visibleMs = 0;
  let since = performance.now();
  const send = (event: object): void => {
    // What was fetched ahead and never looked at is no view; it goes along with the first thing that happens.
    const text = JSON.stringify({ click, load, events: [...waiting, event] });
    waiting = [];
    navigator.sendBeacon('/e', new Blob([text], { type: 'application/json' }));
  };
  onFact((fact) => {
    if (fact.kind === 'start') send({ type: 'start' });
    if (fact.kind === 'code_sent') send({ type: 'otp_sent' });
    if (fact.kind === 'post' && fact.step === 'apply') send({ type: 'submit' });
    if (fact.kind !== 'fault' || errors >= ERRORS_MAX) return;
    const code = fact.fault.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const isKnown = (ERROR_CODES as readonly string[]).includes(code);
    send({ type: 'field_error', n: errors, field: fact.field, code: isKnown ? code : 'other' });
    errors += 1;
  });
  const look = (): void => {
    const now = performance.now();
    if (document.hidden) visibleMs += now - since;
    since = now;
  };
  document.addEventListener('visibilitychange', look);
  window.addEventListener('pagehide', () => {
    if (!document.hidden) visibleMs += performance.now() - since;
    send({ type: 'leave', seconds: SECONDS_BUCKETS.find((bound) => visibleMs <= bound * 1_000) ?? 3600 });
  });
}
