import type { Timeline } from './timeline.ts';

/** How an event names what it is about. */
export interface EventObject {
  readonly application_id?: string;
  readonly loan_id?: string;
  readonly lender_ref?: string;
}

/** An event as a lender posts it, except `occurred_at`: that is when its step is due. */
export interface SandboxEvent extends EventObject {
  readonly id: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Something that happens at the sandbox lender at an instant of the sandbox clock. */
export interface Step {
  /** Unique at the lender; equal for the same thing, so that planning twice changes nothing. Also the event's id. */
  readonly id: string;
  readonly dueMs: number;
  readonly event: SandboxEvent;
}

/** Tells what happens to one object, at the instant that the timeline has come to; ids carry a running number. */
export class Teller {
  readonly #timeline: Timeline;
  readonly #steps: Step[];
  readonly #key: string;
  readonly #object: EventObject;
  #count = 0;

  /**
   * @param steps where the steps of the whole story are gathered
   * @param key prefix of ids, e.g. the application id
   */
  constructor(timeline: Timeline, steps: Step[], key: string, object: EventObject) {
    this.#timeline = timeline;
    this.#steps = steps;
    this.#key = key;
    this.#object = object;
  }

  /** @returns the id of the step, by which later events may name it */
  tell(type: string, data: Readonly<Record<string, unknown>> = {}): string {
    this.#count += 1;
    const id = `${this.#key}:${String(this.#count).padStart(3, '0')}:${type}`;
    this.#steps.push({ id, dueMs: this.#timeline.nowMs, event: { id, type, ...this.#object, data } });
    return id;
  }
}
