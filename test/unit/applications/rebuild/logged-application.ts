import { expect } from 'vitest';
import { arrivalOf } from '../../../../src/applications/arrival.ts';
import { type DraftEvent, recordedEvent } from '../../../../src/applications/context.ts';
import type { Application } from '../../../../src/applications/model.ts';
import { findDifferences } from '../../../../src/applications/rebuild/find-differences.ts';
import { foldEvent } from '../../../../src/applications/rebuild/rebuild-application.ts';
import { isoOf } from '../../../../src/base/clock.ts';
import type { LogEvent } from '../../../../src/events/event.ts';

/** An application as the store keeps it: each change with its events, and beside it what the log alone makes of it. */
export class LoggedApplication {
  application: Application;
  nowMs: number;
  readonly log: LogEvent[] = [];
  #rebuilt: Application | undefined;

  constructor(application: Application, nowMs: number) {
    this.nowMs = nowMs;
    this.application = application;
    const { requested, accepted_at } = application;
    const data = { requested, arrived: arrivalOf(application) };
    this.write(application, [{ type: 'application.received', occurred_at: accepted_at ?? '', data }]);
  }

  /** Writes a change as the store does. */
  write(next: Application, drafts: readonly DraftEvent[]): void {
    const recordedAt = isoOf(this.nowMs);
    const stored = drafts.length > 0 ? { ...next, updated_at: recordedAt } : next;
    this.application = throughJson(stored);
    for (const draft of drafts) {
      const place = this.log.length + 1;
      const event = throughJson(recordedEvent(next, draft, recordedAt));
      const logged: LogEvent = { ...event, id: `evt_${place}`, shard: 0, position: `${place}-0` };
      this.log.push(logged);
      this.#rebuilt = foldEvent(this.#rebuilt, logged);
    }
  }

  get rebuilt(): Application {
    if (this.#rebuilt === undefined) throw new Error('the log begins no application');
    return this.#rebuilt;
  }

  /** The log comes to what is stored, in every detail. */
  expectRebuilt(): void {
    const differences = findDifferences(this.application, this.rebuilt, this.nowMs);
    const last = this.log.at(-1);
    expect({ differences, after: differences.length > 0 ? last : null }).toEqual({ differences: [], after: null });
  }
}

function throughJson<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}
