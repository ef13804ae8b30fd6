import { createHmac, randomInt } from 'node:crypto';
import { type Clock, SECOND_MS } from '../../base/clock.ts';
import type { NormalisedSubject } from '../../identity/normalise-subject.ts';
import type { Decision } from '../decision.ts';
import type { AlarmStore } from './alarm-store.ts';
import type { CardWatch } from './card-watch.ts';
import type { CodeWatch } from './code-watch.ts';
import { JUDGED_ELSEWHERE } from './finding.ts';
import { judgeWatch } from './judge-watch.ts';
import { PartnerSketch } from './partner-sketch.ts';
import { probeOf } from './probe.ts';
import type { WatchObserver } from './watch-observer.ts';
import { JUDGE_EVERY_MS, type WatchStore } from './watch-store.ts';

export interface ProbeWatchDeps {
  readonly store: WatchStore;
  readonly alarms: AlarmStore;
  /** Under which prefixes and names get the tokens that crowds are stored by. */
  readonly tokenKey: Uint8Array;
  /** Accepted applications of a partner, today's and yesterday's. */
  readonly applicationsOf: (partnerId: string) => Promise<number>;
  /** What else is watched of a partner whose alarms are judged. */
  readonly cards?: Pick<CardWatch, 'finding'>;
  readonly codes?: Pick<CodeWatch, 'finding'>;
  /** Real time: who tries numbers does not wait for the sandbox clock. */
  readonly realClock: Clock;
  readonly observer: WatchObserver;
}

/** What the intake needs. */
export type ProbeNotes = Pick<ProbeWatch, 'note'>;

/** What was counted goes to Redis once in so long. */
const FLUSH_EVERY_MS = SECOND_MS;
/** After a failure. What was taken then is not counted: a watch is not a ledger. */
const PAUSE_MS = 5 * SECOND_MS;
const TOKEN_BYTES = 8;
const SEED_MAX = 2 ** 32;

/**
 * Watches what partners ask, for signs that somebody tries identities rather than brings people. It gives alarm and changes
 * no answer: whether a partner is suspended is for a person to decide.
 *
 * Questions are counted in memory; once a second the counts are added up in Redis, so that all processes judge the same.
 */
export class ProbeWatch {
  readonly #deps: ProbeWatchDeps;
  readonly #seed = randomInt(SEED_MAX);
  readonly #sketches = new Map<string, PartnerSketch>();
  /** Partners for whom something was added since they were judged, as far as this process knows. */
  readonly #unjudged = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> = Promise.resolve();
  #lookedMs = 0;
  #isStopped = false;

  constructor(deps: ProbeWatchDeps) {
    this.#deps = deps;
  }

  /** Notes one answered question; microseconds, and no wait. */
  note(partnerId: string, subject: NormalisedSubject, answers: readonly { readonly decision: Decision }[]): void {
    let sketch = this.#sketches.get(partnerId);
    if (sketch === undefined) {
      sketch = new PartnerSketch(this.#seed, (text) => this.#tokenOf(text));
      this.#sketches.set(partnerId, sketch);
    }
    sketch.note(probeOf(subject, answers), this.#deps.realClock.nowMs());
  }

  start(): void {
    this.#schedule(FLUSH_EVERY_MS);
  }

  /** Adds what was counted last. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#turn;
    await this.flush().catch(() => undefined);
  }

  /** Adds up what was counted since the last time, and judges the partners whose turn it is. */
  async flush(): Promise<void> {
    const nowMs = this.#deps.realClock.nowMs();
    const work: Promise<void>[] = [];
    for (const [partnerId, sketch] of this.#sketches) {
      const tally = sketch.take();
      if (tally !== undefined || this.#unjudged.has(partnerId)) work.push(this.#add(partnerId, tally, nowMs));
    }
    if (nowMs - this.#lookedMs >= JUDGE_EVERY_MS) {
      this.#lookedMs = nowMs;
      work.push(this.#judgeQuiet(nowMs));
    }
    await Promise.all(work);
  }

  #schedule(waitMs: number): void {
    this.#timer = setTimeout(() => {
      this.#turn = this.flush()
        .then(
          () => FLUSH_EVERY_MS,
          (error) => {
            this.#deps.observer.failed(error);
            return PAUSE_MS;
          },
        )
        .then((nextMs) => {
          if (!this.#isStopped) this.#schedule(nextMs);
        });
    }, waitMs);
    this.#timer.unref();
  }

  async #add(partnerId: string, tally: Parameters<WatchStore['add']>[1], nowMs: number): Promise<void> {
    // What was asked last before a silence is judged when its turn comes.
    if (tally !== undefined) this.#unjudged.add(partnerId);
    if (!(await this.#deps.store.add(partnerId, tally, nowMs))) return;
    await this.#judge(partnerId, nowMs);
    this.#unjudged.delete(partnerId);
  }

  /** An alarm of a partner who asks nothing any more ends too. */
  async #judgeQuiet(nowMs: number): Promise<void> {
    const on = (await this.#deps.alarms.on()).filter(({ kind }) => !JUDGED_ELSEWHERE.has(kind));
    const partners = new Set(on.map(({ partnerId }) => partnerId));
    await Promise.all([...partners].map((partnerId) => this.#add(partnerId, undefined, nowMs)));
  }

  async #judge(partnerId: string, nowMs: number): Promise<void> {
    const { store, alarms, applicationsOf, cards, codes, observer } = this.#deps;
    const [reading, applications, all] = await Promise.all([
      store.read(partnerId, nowMs),
      applicationsOf(partnerId),
      alarms.onOf(partnerId),
    ]);
    const on = all.filter(({ kind }) => !JUDGED_ELSEWHERE.has(kind));
    const kinds = new Set(on.map(({ kind }) => kind));
    const ofCards = kinds.has('card_testing') ? await cards?.finding(partnerId, true) : undefined;
    const ofCodes = kinds.has('code_pumping') ? await codes?.finding(partnerId) : undefined;
    const findings = [
      ...judgeWatch({ ...reading, applications, on: kinds }),
      ...(ofCards === undefined ? [] : [ofCards]),
      ...(ofCodes === undefined ? [] : [ofCodes]),
    ];
    for (const finding of findings) {
      const { id, isNew } = await alarms.raise(partnerId, finding, nowMs);
      if (isNew) observer.raised({ id, partnerId, kind: finding.kind }, finding);
    }
    for (const alarm of on) {
      if (findings.some(({ kind }) => kind === alarm.kind)) continue;
      if (await alarms.end(alarm, nowMs)) observer.ended(alarm);
    }
  }

  #tokenOf(text: string): string {
    return createHmac('sha256', this.#deps.tokenKey).update(text).digest().toString('base64url', 0, TOKEN_BYTES);
  }
}
