import { CORE_TIMEOUT_MS, type CoreAddress, type CoreClient, type CoreMessage } from './core-client.ts';
import type { PushOutcome } from './judge-response.ts';
import type { CoreQuestion, CoreReply } from './lender-calls.ts';
import type { LenderHealth } from './lender-health.ts';
import {
  CORE_CONCURRENCY,
  type LaneItem,
  LenderLine,
  type LenderSettings,
  type ProcessShare,
  QUESTIONS_MAX,
} from './lender-line.ts';
import type { Deferred, SendDeps } from './send-delivery.ts';

export interface CoreLinesDeps extends Pick<SendDeps, 'coreOf' | 'random'> {
  readonly client: CoreClient;
  readonly settingsOf: ((lenderId: string) => Partial<LenderSettings>) | undefined;
  readonly share: ProcessShare | undefined;
  readonly health: Pick<LenderHealth, 'succeeded' | 'breaker'> | undefined;
  readonly nowMs: () => number;
  /** Sends one delivery; reports itself what goes wrong. */
  readonly work: (line: LenderLine, item: LaneItem) => Promise<void>;
  /** The lane of a lender has room again. */
  readonly freed: (lenderId: string) => void;
  /** A core is back after an outage. */
  readonly recovered: (lenderId: string) => void;
  /** Takes work that nobody waits for. */
  readonly track: (work: Promise<void>) => void;
}

const DEFAULTS: LenderSettings = {
  maxConcurrent: CORE_CONCURRENCY,
  timeoutMs: CORE_TIMEOUT_MS,
  isPulled: false,
};
const ALONE: ProcessShare = { index: 1, count: 1 };

/** The ways to all lenders' cores, one each: pushes and questions go the same way and share its breaker. */
export class CoreLines {
  readonly #deps: CoreLinesDeps;
  readonly #lines = new Map<string, LenderLine>();

  constructor(deps: CoreLinesDeps) {
    this.#deps = deps;
  }

  get all(): readonly LenderLine[] {
    return [...this.#lines.values()];
  }

  of(lenderId: string): LenderLine {
    const known = this.#lines.get(lenderId);
    if (known) return known;
    const { random, nowMs, work, freed, health, track, share = ALONE } = this.#deps;
    const line = new LenderLine(lenderId, {
      settings: () => ({ ...DEFAULTS, ...this.#deps.settingsOf?.(lenderId) }),
      share,
      random,
      nowMs,
      work,
      freed: () => freed(lenderId),
      breaker: (state) => health && track(health.breaker(lenderId, state)),
    });
    this.#lines.set(lenderId, line);
    return line;
  }

  /** Whether deliveries of a lender go out now, from this process. */
  isSent(lenderId: string): boolean {
    const line = this.of(lenderId);
    return !line.settings.isPulled && line.limit > 0 && line.gate.state(this.#deps.nowMs()) === 'closed';
  }

  /** Whether nothing goes out now, so that what is in hand is better given back. */
  isShut({ gate }: LenderLine): boolean {
    return gate.state(this.#deps.nowMs()) !== 'closed';
  }

  /** Sends one message once. Never throws: what goes wrong is an outcome. */
  async post(lenderId: string, core: CoreAddress, message: CoreMessage): Promise<PushOutcome | Deferred> {
    const line = this.of(lenderId);
    const { gate, settings } = line;
    if (gate.width(line.limit, this.#deps.nowMs()) === 0) return { kind: 'deferred' };
    gate.began(this.#deps.nowMs());
    const outcome = await this.#deps.client.post(core, message, settings.timeoutMs);
    this.#note(line, outcome.kind === 'retry' && outcome.unwell);
    return outcome;
  }

  /** Asks once. Never throws. A core that is known to be down is not asked; one that may be back is tried. */
  async ask(question: CoreQuestion): Promise<CoreReply> {
    const { lenderId } = question;
    const core = this.#deps.coreOf(lenderId, null);
    if (core === 'pull') return { kind: 'unavailable', cause: 'pull' };
    if (core === undefined || core === 'held') return { kind: 'unavailable', cause: 'no_core' };
    const line = this.of(lenderId);
    if (line.gate.state(this.#deps.nowMs()) === 'open') return { kind: 'unavailable', cause: 'circuit_open' };
    if (line.questions >= QUESTIONS_MAX) return { kind: 'unavailable', cause: 'busy' };
    line.questions += 1;
    line.gate.began(this.#deps.nowMs());
    try {
      const { reply, unwell } = await this.#deps.client.ask(core, question);
      this.#note(line, unwell);
      return reply;
    } finally {
      line.questions -= 1;
    }
  }

  close(): Promise<void> {
    return this.#deps.client.close();
  }

  #note(line: LenderLine, unwell: boolean): void {
    const { gate, lenderId, limit } = line;
    const nowMs = this.#deps.nowMs();
    if (unwell) {
      gate.failed(nowMs);
      return;
    }
    if (gate.succeeded(limit, nowMs)) this.#deps.recovered(lenderId);
    const { health, track } = this.#deps;
    if (health) track(health.succeeded(lenderId, nowMs));
  }
}
