import { Agent, request } from 'undici';
import { isoOf } from '../../../base/clock.ts';
import type { Application } from '../../model.ts';
import type { SealedRecord } from '../../sealed-record.ts';
import type { ApplicationStore } from '../../store.ts';
import { CORE_TIMEOUT_MS, networkError } from '../core-client.ts';
import { judgeResponse } from '../judge-response.ts';
import type { CoreLookup } from '../send-delivery.ts';
import { judgeProbe } from './judge-probe.ts';
import { PROBES, type ProbeExchange, type ProbeFault, type ProbeName } from './probe.ts';
import { probeMessage } from './probe-message.ts';
import { type ProbeRequest, signProbe } from './sign-probe.ts';

export interface ProberDeps {
  readonly store: Pick<ApplicationStore, 'sealed'>;
  /** Opens an application's sealed personal data for its lender; undefined when it cannot be opened. */
  readonly openRecord: (sealed: string, applicationId: string, lenderId: string) => SealedRecord | undefined;
  readonly coreOf: (lenderId: string) => CoreLookup;
  /** How long a lender's core may take, ms; undefined = as by default. */
  readonly timeoutOf: (lenderId: string) => number | undefined;
}

/** One request of a probe, as it may be told. */
export interface ProbeAnswer {
  readonly status: number | null;
  readonly error: string | null;
  readonly tookMs: number;
  /** What a readable answer says. */
  readonly result: 'accepted' | 'duplicate' | 'rejected' | null;
  readonly lenderRef: string | null;
}

export interface ProbeReport {
  readonly answers: readonly ProbeAnswer[];
  readonly faults: readonly ProbeFault[];
}

/** What came of a probe; `not_called` = the lender has no core that is called, `erased` = nothing is left to send. */
export type Probed =
  | ({ readonly kind: 'probed' } & ProbeReport)
  | { readonly kind: 'not_called' }
  | { readonly kind: 'erased' };

const ANSWER_MAX_BYTES = 64 * 1024;

/** Sends what a lender's core must stand, outside of queues and breaker, and judges what it answers. */
export class CoreProber {
  readonly #deps: ProberDeps;
  readonly #agent = new Agent({ maxResponseSize: ANSWER_MAX_BYTES });

  constructor(deps: ProberDeps) {
    this.#deps = deps;
  }

  /** @param application of a trial, as it was pushed */
  async probe(name: ProbeName, application: Application): Promise<Probed> {
    const { store, openRecord, coreOf, timeoutOf } = this.#deps;
    const { id, lender_id: lenderId, lender_ref: knownRef } = application;
    const core = coreOf(lenderId);
    if (typeof core !== 'object') return { kind: 'not_called' };
    const sealed = await store.sealed(id);
    const record = sealed === undefined ? undefined : openRecord(sealed, id, lenderId);
    if (record === undefined) return { kind: 'erased' };
    const { content, signature, requests, expects } = PROBES[name];
    const message = probeMessage(content, application, record, isoOf(Date.now()));
    const timeoutMs = timeoutOf(lenderId) ?? CORE_TIMEOUT_MS;
    const send = (): Promise<ProbeExchange> => {
      // Signatures live in real time, whatever the sandbox clock says; each has a nonce of its own.
      return this.#send(signProbe(signature, core, message, Date.now() / 1_000), timeoutMs);
    };
    const exchanges = await Promise.all(Array.from({ length: requests }, send));
    const faults = judgeProbe(expects, exchanges, { knownRef, timeoutMs });
    return { kind: 'probed', answers: exchanges.map(answerOf), faults };
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }

  async #send({ url, headers, body }: ProbeRequest, timeoutMs: number): Promise<ProbeExchange> {
    const begun = performance.now();
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const response = await request(url, { method: 'POST', headers, body, dispatcher: this.#agent, signal });
      const text = await response.body.text();
      return { status: response.statusCode, error: null, tookMs: performance.now() - begun, body: text };
    } catch (error) {
      return { status: null, error: networkError(error), tookMs: performance.now() - begun, body: '' };
    }
  }
}

function answerOf({ status, error, tookMs, body }: ProbeExchange): ProbeAnswer {
  const judged = status === null ? undefined : judgeResponse({ status, retryAfter: undefined, body });
  const answer = judged?.kind === 'answered' ? judged.answer : undefined;
  return { status, error, tookMs, result: answer?.result ?? null, lenderRef: answer?.lender_ref ?? null };
}
