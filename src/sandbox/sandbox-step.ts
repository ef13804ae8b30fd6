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

/** Something that the sandbox lender will report at an instant of the sandbox clock. */
export interface Step {
  /** Unique at the lender; equal for the same thing, so that planning twice changes nothing. Also the event's id. */
  readonly id: string;
  readonly dueMs: number;
  readonly event: SandboxEvent;
}

/** Collects the steps of one object; ids carry a running number, so that steps due at the same instant keep their order. */
export class StepList {
  readonly steps: Step[] = [];
  readonly #key: string;
  readonly #object: EventObject;

  constructor(key: string, object: EventObject) {
    this.#key = key;
    this.#object = object;
  }

  /** @returns the id of the step, by which later events may name it */
  add(dueMs: number, type: string, data: Readonly<Record<string, unknown>> = {}): string {
    const number = String(this.steps.length + 1).padStart(3, '0');
    const id = `${this.#key}:${number}:${type}`;
    this.steps.push({ id, dueMs, event: { id, type, ...this.#object, data } });
    return id;
  }
}
