import type { Clock } from '../../base/clock.ts';
import { derivedId } from '../../base/ids.ts';
import type { NormalisedSubject } from '../../identity/normalise-subject.ts';
import type { Lender } from '../../registry/schema/lender.ts';
import type { SigningKey } from '../../trust/import-key.ts';
import { signRequest } from '../../trust/sign-message.ts';
import { LenderLine, type LineMessage, type LineReply } from './lender-line.ts';
import { type LiveOutcome, type LiveVerdict, type MissingCause, readLiveAnswer, withoutAnswer } from './live-answer.ts';
import { type LenderSubject, subjectForLender } from './live-subject.ts';

/** Where a lender's core is reached, and the key of ours that signs what it gets. */
export interface LiveCore {
  /** Base URL without a trailing slash. */
  readonly url: string;
  readonly signingKey: SigningKey;
}

/** One question to one lender, about all its products that the partner has asked for. */
export interface LiveQuestion {
  readonly precheckId: string;
  readonly lender: Lender;
  /** At least one. */
  readonly productIds: readonly string[];
  readonly partner: { readonly id: string; readonly kind: string };
  readonly subject: NormalisedSubject;
  /** Monotonic ms (`performance.now()`) by which a batch must have its answers; absent = the lender's own time. */
  readonly untilMs?: number;
}

export interface LiveAnswer {
  readonly verdict: LiveVerdict;
  readonly outcome: LiveOutcome;
  /** How long it took, a place in the queue included. */
  readonly ms: number;
}

/** What the outside is told: names of lenders and outcomes, never what was asked. */
export interface LiveObserver {
  answered(lenderId: string, outcome: LiveOutcome, seconds: number): void;
  /** A lender's breaker has opened, or closed again. */
  breaker(lenderId: string, isOpen: boolean): void;
}

export interface LivePrecheckDeps {
  /** How a lender's core is reached now; undefined = not at all. */
  readonly coreOf: (lenderId: string) => LiveCore | undefined;
  /** Business time. */
  readonly clock: Clock;
  readonly observer: LiveObserver;
}

/** What the intake needs. */
export type LiveAsker = Pick<LivePrechecks, 'ask'>;

/**
 * Asks lenders at their cores: `POST {core.url}/prechecks`, signed by us, each message once. What we send is neither stored
 * nor logged; what comes back is a decision. The body is
 * `{ delivery_id, precheck_id, product_id, product_ids, partner: { id, kind }, subject }`, where `product_id` is the first
 * of `product_ids`: the answer holds for all of them.
 */
export class LivePrechecks {
  readonly #deps: LivePrecheckDeps;
  readonly #lines = new Map<string, { readonly url: string; readonly line: LenderLine }>();

  constructor(deps: LivePrecheckDeps) {
    this.#deps = deps;
  }

  /** Asks once, within the lender's time. Never throws for what a lender does: a missing answer is its `on_timeout`. */
  async ask(question: LiveQuestion): Promise<LiveAnswer> {
    const { lender } = question;
    const startedMs = performance.now();
    const read = await this.#ask(question, startedMs);
    const ms = performance.now() - startedMs;
    const isMissing = typeof read === 'string';
    const outcome = isMissing ? read : read.decision;
    this.#deps.observer.answered(lender.id, outcome, ms / 1_000);
    const verdict = isMissing ? withoutAnswer(lender.precheck.on_timeout, this.#deps.clock.nowMs()) : read;
    return { verdict, outcome, ms };
  }

  async close(): Promise<void> {
    const lines = [...this.#lines.values()];
    this.#lines.clear();
    await Promise.all(lines.map(({ line }) => line.close()));
  }

  async #ask(question: LiveQuestion, startedMs: number): Promise<LiveVerdict | MissingCause> {
    const { lender, untilMs: batchUntilMs = Number.POSITIVE_INFINITY } = question;
    const { forms, timeout_ms: timeoutMs } = lender.precheck;
    if (startedMs >= batchUntilMs) return 'late';
    const core = this.#deps.coreOf(lender.id);
    if (core === undefined) return 'no_core';
    const line = this.#lineTo(lender.id, core.url);
    // Known before anything is hashed or signed for a lender that will not get it.
    if (line.isOpen) return 'open';
    const subject = subjectForLender(question.subject, forms);
    if (subject === undefined) return 'no_form';
    const untilMs = Math.min(startedMs + timeoutMs, batchUntilMs);
    const reply = await line.exchange(messageOf(question, core, subject), { untilMs, timeoutMs });
    return readReply(reply, this.#deps.clock.nowMs());
  }

  #lineTo(lenderId: string, url: string): LenderLine {
    const known = this.#lines.get(lenderId);
    if (known?.url === url) return known.line;
    // It has moved: the old connections lead nowhere, and what the breaker has seen was another place.
    void known?.line.close();
    const line = new LenderLine((isOpen) => this.#deps.observer.breaker(lenderId, isOpen));
    this.#lines.set(lenderId, { url, line });
    return line;
  }
}

function readReply(reply: LineReply, nowMs: number): LiveVerdict | MissingCause {
  return typeof reply === 'string' ? reply : readLiveAnswer(reply, nowMs);
}

function messageOf(question: LiveQuestion, core: LiveCore, subject: LenderSubject): LineMessage {
  const { precheckId, lender, productIds, partner } = question;
  const url = `${core.url}/prechecks`;
  const deliveryId = derivedId('dlv', precheckId, lender.id);
  const body = JSON.stringify({
    delivery_id: deliveryId,
    precheck_id: precheckId,
    product_id: productIds[0],
    product_ids: productIds,
    partner: { id: partner.id, kind: partner.kind },
    subject,
  });
  const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': deliveryId };
  const signature = signRequest({
    method: 'POST',
    url,
    headers,
    body,
    key: core.signingKey,
    // Signatures live in real time, whatever the sandbox clock says.
    createdSeconds: Date.now() / 1_000,
  });
  return { url, headers: { ...headers, ...signature }, body };
}
