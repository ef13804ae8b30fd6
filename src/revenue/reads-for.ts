import { clawbackObject } from './claw-back-lines.ts';
import { counterKeys, type OpenPeriods } from './counters.ts';
import { matchRules } from './match-rule.ts';
import type { MoneyEvent } from './money-event.ts';
import { onceKey } from './once-key.ts';
import { earningVersion, payableAtMs } from './price-event.ts';
import type { ContractTerms } from './terms.ts';
import { byContract } from './version-in-force.ts';

/** Everything that pricing one event will ask its history for, so that one round trip can fetch it. */
export interface PricingReads {
  readonly onceKeys: readonly string[];
  /** Application and loan ids whose lines are needed. */
  readonly objects: readonly string[];
  readonly counters: readonly string[];
}

/** What `priceEvent` will read for this event. Throws what it would throw for terms that do not fit the event. */
export function readsFor(
  event: MoneyEvent,
  contracts: readonly ContractTerms[],
  openPeriods: OpenPeriods = {},
): PricingReads {
  const onceKeys = new Set<string>();
  const objects = new Set<string>();
  const counters = new Set<string>();
  for (const versions of byContract(contracts)) {
    const object = clawbackObject(versions, event);
    if (object !== null) objects.add(object);
    const terms = earningVersion(versions, event);
    if (terms === null) continue;
    for (const rule of matchRules(terms, event)) {
      onceKeys.add(onceKey(terms, rule, event));
      const at = { occurredAtMs: event.occurredAtMs, payableAtMs: payableAtMs(terms, rule, event) };
      for (const key of counterKeys(versions, terms, rule, at, openPeriods)) counters.add(key);
    }
  }
  return { onceKeys: [...onceKeys], objects: [...objects], counters: [...counters] };
}
