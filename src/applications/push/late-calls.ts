import type { Delivery } from './delivery.ts';
import type { CoreQuestion, CoreReply, LenderCalls, SentNow } from './lender-calls.ts';

/**
 * The way to lenders' cores for parts that are made before what sends. Until it is connected everything waits in the outbox,
 * and nobody can be asked.
 */
export class LateCalls implements LenderCalls {
  #calls: LenderCalls | undefined;

  connect(calls: LenderCalls): void {
    this.#calls = calls;
  }

  async sendNow(delivery: Delivery, deadlineMs: number): Promise<SentNow> {
    return this.#calls?.sendNow(delivery, deadlineMs) ?? { kind: 'pending' };
  }

  async ask(question: CoreQuestion): Promise<CoreReply> {
    return this.#calls?.ask(question) ?? { kind: 'unavailable', cause: 'not_started' };
  }
}
