import type { DraftEvent } from '../applications/context.ts';
import { actionIdOf } from '../applications/lifecycle/apply-action-event.ts';
import {
  applyLenderEvent,
  type HeldOutcome,
  type LenderDecision,
} from '../applications/lifecycle/apply-lender-event.ts';
import type { LenderFacts, RejectionCode } from '../applications/lifecycle/decision.ts';
import type { LenderEvent } from '../applications/lifecycle/lender-event.ts';
import { lenderLoanId } from '../applications/lifecycle/loan-requested.ts';
import type { Application } from '../applications/model.ts';
import type { Binding, InboxDecision, Memory, Remembered } from './lender-inbox.ts';

/** An event that has passed the schema, with the SHA-256 over what was sent and the key that signed it. */
export interface IncomingEvent {
  readonly event: LenderEvent;
  readonly digest: string;
  readonly keyId?: string;
}

/** The answer to one event, as the lender reads it. */
export interface LenderEventResult {
  /** The lender's id of the event; null when it gave none. */
  readonly id: string | null;
  readonly result: 'applied' | 'duplicate' | 'held' | 'rejected';
  readonly code?: RejectionCode;
  /** Event types that are legal now, with `illegal_transition`. */
  readonly legal?: readonly string[];
  readonly detail?: string;
  /** How long a held event waits. */
  readonly until?: string;
  /** Of a loan that the event has opened. */
  readonly loan_id?: string;
  /** Of an action that the event has asked for. */
  readonly action_id?: string;
}

/**
 * Answers events of one application in order, each on what the ones before it have made of it. An id that was answered
 * before changes nothing, unless it was rejected: that one may be sent again.
 */
export function answerLenderEvents(
  application: Application,
  incoming: readonly IncomingEvent[],
  memory: Memory,
  facts: LenderFacts,
): InboxDecision<readonly LenderEventResult[]> {
  const turn = new Turn(application, memory);
  const results = incoming.map((one) => turn.answer(one, facts));
  return { ...turn.outcome(), result: results };
}

/** One pass over a batch: what has come of it so far. */
class Turn {
  #application: Application;
  readonly #memory: Memory;
  readonly #events: DraftEvent[] = [];
  readonly #remember = new Map<string, Remembered>();
  readonly #bindings: Binding[] = [];

  constructor(application: Application, memory: Memory) {
    this.#application = application;
    this.#memory = memory;
  }

  answer({ event, digest, keyId }: IncomingEvent, facts: LenderFacts): LenderEventResult {
    const { id } = event;
    // Another lender's ids are none of its business: it learns nothing from our memory.
    const known = this.#application.lender_id === facts.lenderId ? this.#recall(id) : undefined;
    if (known && known.result !== 'rejected') return recalled(id, known, digest);
    const decision = applyLenderEvent(this.#application, event, facts);
    if (decision.result === 'rejected') {
      const { code, legal, detail } = decision;
      return { id, result: 'rejected', code, ...(legal === undefined ? {} : { legal }), detail };
    }
    this.#application = decision.application;
    this.#bind(event);
    const signed = keyId === undefined ? {} : { key_id: keyId };
    this.#remember.set(id, { digest, result: decision.result, ...signed, ...idsOf(decision) });
    if (decision.result === 'held') return { id, result: 'held', until: decision.until };
    this.#events.push(...decision.events);
    for (const outcome of decision.outcomes) this.#settle(outcome);
    return { id, result: 'applied', ...idsOf(decision) };
  }

  outcome(): Omit<InboxDecision<never>, 'result'> {
    return {
      application: this.#application,
      events: this.#events,
      remember: this.#remember,
      bindings: this.#bindings,
    };
  }

  #recall(id: string): Remembered | undefined {
    return this.#remember.get(id) ?? this.#memory.get(id);
  }

  #settle(outcome: HeldOutcome): void {
    this.#remember.set(outcome.id, settled(outcome, this.#recall(outcome.id)));
  }

  #bind(event: LenderEvent): void {
    if (event.type === 'action.required') {
      this.#bindings.push({ kind: 'action', id: actionIdOf(this.#application.id, event.id) });
    }
    if (event.type !== 'loan.requested') return;
    const lenderRef = event.data.lender_ref;
    const known = this.#application.loans.find((loan) => loan.lender_ref === lenderRef);
    const id = known?.id ?? lenderLoanId(this.#application.id, lenderRef);
    this.#bindings.push({ kind: 'loan', id, lenderRef });
  }
}

/** What is remembered of an event that is no longer held. */
export function settled(outcome: HeldOutcome, before: Remembered | undefined): Remembered {
  const { result, code, loanId } = outcome;
  return {
    digest: before?.digest ?? '',
    result,
    ...(before?.key_id === undefined ? {} : { key_id: before.key_id }),
    ...(code === undefined ? {} : { code }),
    ...(loanId === undefined ? {} : { loan_id: loanId }),
  };
}

/** The answer to an id that was answered before, other than by a rejection. */
export function recalled(id: string, known: Remembered, digest: string): LenderEventResult {
  if (known.digest !== digest) {
    return { id, result: 'rejected', code: 'id_reused', detail: 'this id was used for another event' };
  }
  const { loan_id, action_id } = known;
  return {
    id,
    result: 'duplicate',
    ...(loan_id === undefined ? {} : { loan_id }),
    ...(action_id === undefined ? {} : { action_id }),
  };
}

function idsOf(decision: LenderDecision): { loan_id?: string; action_id?: string } {
  if (decision.result !== 'applied') return {};
  const { loanId, actionId } = decision;
  return {
    ...(loanId === undefined ? {} : { loan_id: loanId }),
    ...(actionId === undefined ? {} : { action_id: actionId }),
  };
}
