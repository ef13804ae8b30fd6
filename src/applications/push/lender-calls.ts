import type { Delivery } from './delivery.ts';
import type { PushAnswer } from './judge-response.ts';

/** What became of a message that was tried at once. */
export type SentNow =
  /** The core has answered, and its answer is written down. */
  | { readonly kind: 'answered'; readonly answer: PushAnswer }
  /** The core is slow, away or held: the outbox goes on by itself. `isBusy`: something of the application is being sent now. */
  | { readonly kind: 'pending'; readonly isBusy?: true }
  /** It was delivered, or has become needless, before: the state tells. */
  | { readonly kind: 'gone' }
  /** The core refused it for good; an operator can see it. */
  | { readonly kind: 'dead'; readonly error: string };

/** What a core answered to a question; nothing was written down. */
export type CoreReply =
  | { readonly kind: 'answered'; readonly status: number; readonly json: unknown }
  | { readonly kind: 'unavailable'; readonly cause: string };

/** A question to a core: it changes nothing there and is never queued. */
export interface CoreQuestion {
  readonly lenderId: string;
  readonly productId: string;
  /** `/quotes`, `/handoffs`, … below the base URL. */
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly timeoutMs: number;
}

/** How operations reach lenders' cores while their caller waits. */
export interface LenderCalls {
  /** Tries a message that a change has just put into the outbox; resolves after `deadlineMs` at the latest. */
  sendNow(delivery: Delivery, deadlineMs: number): Promise<SentNow>;
  /** Asks a core. Never throws: what goes wrong is `unavailable`. The body gets a `delivery_id` of its own. */
  ask(question: CoreQuestion): Promise<CoreReply>;
}
