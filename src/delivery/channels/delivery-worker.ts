import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { SECOND_MS } from '../../base/clock.ts';
import { mapBounded } from '../../base/map-bounded.ts';
import { isUnavailable } from '../../redis/is-unavailable.ts';
import { ChannelRunner, type RunnerDeps } from './channel-runner.ts';
import type { Destination } from './destination.ts';

export interface DeliveryWorkerDeps extends Omit<RunnerDeps, 'owner' | 'random'> {
  readonly random?: () => number;
  /** Where partners want to be told, as their files say now. */
  readonly destinations: () => readonly Destination[];
  /** Ends all connections. */
  readonly close: () => Promise<void>;
}

/** How often a channel is looked at of which nobody says that there is something new. */
const POLL_MS = SECOND_MS;
const LEASE_MS = 15 * SECOND_MS;
const RENEW_MS = 5 * SECOND_MS;
const OUTAGE_PAUSE_MS = 500;
/** Channels at work at the same time. */
const CHANNELS_AT_ONCE = 64;
/** What is under way gets this long to end when we stop. */
const STOP_GRACE_MS = 3 * SECOND_MS;
const LEASES_AT_ONCE = 64;

interface Channel {
  readonly runner: ChannelRunner;
  /** When to look again, real time. */
  nextMs: number;
  /** Somebody said that there is something new while it was at work. */
  isKicked: boolean;
  /** It has left the files; when it comes back it is another one. */
  isEnding: boolean;
  busy: Promise<void> | undefined;
}

/** Sends partners what they want to be told. Any number of processes may run one: a partner is looked after by one of them. */
export class DeliveryWorker {
  readonly #deps: DeliveryWorkerDeps;
  readonly #owner = randomUUID();
  readonly #channels = new Map<string, Channel>();
  readonly #held = new Set<string>();
  #nextLeaseMs = 0;
  #loop: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  #stopping = false;

  constructor(deps: DeliveryWorkerDeps) {
    this.#deps = deps;
  }

  /** Begins with a first look, so that no channel begins later than the doors open. */
  async start(): Promise<void> {
    await this.#round().catch((error: unknown) => this.#deps.observer.failed(error));
    this.#loop ??= this.#run();
  }

  /** A partner has something new. Cheap; many calls become one look. */
  kick(partnerId: string): void {
    if (!this.#held.has(partnerId)) return;
    for (const channel of this.#channels.values()) {
      if (channel.runner.destination.partnerId !== partnerId) continue;
      channel.isKicked = true;
      channel.nextMs = 0;
    }
    this.#wake?.();
  }

  /** Takes nothing more, waits a little for what is under way, gives the partners up. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake?.();
    await this.#loop;
    for (const { runner } of this.#channels.values()) runner.stop();
    const idle = Promise.allSettled([...this.#channels.values()].map(({ busy }) => busy));
    await Promise.race([idle, delay(STOP_GRACE_MS, undefined, { ref: false })]);
    await this.#deps.close();
    await idle;
    const { store } = this.#deps;
    await Promise.allSettled([...this.#held].map((partnerId) => store.dropLease(partnerId, this.#owner)));
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      try {
        await this.#round();
      } catch (error) {
        if (!isUnavailable(error)) this.#deps.observer.failed(error);
        await delay(OUTAGE_PAUSE_MS);
      }
      await this.#sleep();
    }
  }

  async #round(): Promise<void> {
    this.#follow(this.#deps.destinations());
    const nowMs = this.#nowMs();
    if (nowMs >= this.#nextLeaseMs) await this.#renew(nowMs);
    for (const channel of this.#channels.values()) {
      if (this.#busyCount() >= CHANNELS_AT_ONCE) return;
      const isHeld = this.#held.has(channel.runner.destination.partnerId);
      if (isHeld && channel.busy === undefined && channel.nextMs <= nowMs) this.#begin(channel);
    }
  }

  /** Channels come and go with the files; one that is still there keeps what it has found of its endpoint. */
  #follow(destinations: readonly Destination[]): void {
    const wanted = new Map(destinations.map((one) => [`${one.partnerId} ${one.name}`, one]));
    for (const [key, channel] of this.#channels) {
      if (!wanted.has(key)) {
        channel.runner.stop();
        channel.isEnding = true;
      }
      if (channel.isEnding && channel.busy === undefined) this.#channels.delete(key);
    }
    for (const [key, destination] of wanted) {
      const known = this.#channels.get(key);
      if (known?.busy !== undefined) continue;
      if (known?.runner.destination.target === destination.target) known.runner.destination = destination;
      else this.#channels.set(key, this.#channelTo(destination));
    }
  }

  #channelTo(destination: Destination): Channel {
    const runner = new ChannelRunner(destination, { random: Math.random, ...this.#deps, owner: this.#owner });
    return { runner, nextMs: 0, isKicked: false, isEnding: false, busy: undefined };
  }

  async #renew(nowMs: number): Promise<void> {
    const partners = new Set([...this.#channels.values()].map(({ runner }) => runner.destination.partnerId));
    const all = [...new Set([...partners, ...this.#held])];
    await mapBounded(all, LEASES_AT_ONCE, async (partnerId) => {
      if (!partners.has(partnerId)) {
        this.#held.delete(partnerId);
        await this.#deps.store.dropLease(partnerId, this.#owner);
        return;
      }
      const isOurs = await this.#deps.store.takeLease(partnerId, this.#owner, LEASE_MS);
      if (isOurs) this.#held.add(partnerId);
      else this.#held.delete(partnerId);
    });
    this.#nextLeaseMs = nowMs + RENEW_MS;
  }

  #begin(channel: Channel): void {
    channel.isKicked = false;
    channel.busy = this.#turn(channel).finally(() => {
      channel.busy = undefined;
      if (channel.nextMs <= this.#nowMs()) this.#wake?.();
    });
  }

  async #turn(channel: Channel): Promise<void> {
    const { runner } = channel;
    try {
      const turn = await runner.turn();
      if (turn.kind === 'lost') this.#held.delete(runner.destination.partnerId);
      const isAtOnce = turn.kind === 'done' && (turn.again || channel.isKicked) && turn.notBeforeMs === null;
      const later = this.#nowMs() + POLL_MS;
      channel.nextMs = isAtOnce ? 0 : Math.max(later, turn.kind === 'done' ? (turn.notBeforeMs ?? 0) : 0);
    } catch (error) {
      if (!isUnavailable(error)) this.#deps.observer.failed(error);
      channel.nextMs = this.#nowMs() + POLL_MS;
    }
  }

  /** Until a channel is to be looked at, or somebody has something new. */
  async #sleep(): Promise<void> {
    if (this.#stopping) return;
    const nowMs = this.#nowMs();
    const isReady = ({ runner, busy, nextMs }: Channel): boolean =>
      busy === undefined && nextMs <= nowMs && this.#held.has(runner.destination.partnerId);
    if (this.#busyCount() < CHANNELS_AT_ONCE && [...this.#channels.values()].some(isReady)) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, POLL_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }

  #busyCount(): number {
    let count = 0;
    for (const { busy } of this.#channels.values()) if (busy !== undefined) count += 1;
    return count;
  }

  #nowMs(): number {
    return this.#deps.realClock.nowMs();
  }
}
