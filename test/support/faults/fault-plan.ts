import { createRandom, type Random } from '../../../src/demo/random.ts';

/** What happens to one request on its way. Times in real ms. */
export type Fault =
  | { readonly kind: 'none' }
  /** The connection is cut: before anything has arrived, or when the answer was on its way. */
  | { readonly kind: 'cut_before' | 'cut_after' }
  /** It arrives twice; the second answer goes back. */
  | { readonly kind: 'twice' }
  /** It is late, so that others overtake it. */
  | { readonly kind: 'delayed'; readonly ms: number }
  /** The sender is cut off; it arrives all the same, when the sender has long tried again. */
  | { readonly kind: 'ghost'; readonly ms: number }
  /** It does not arrive: somebody on the way says no. */
  | { readonly kind: 'refused'; readonly status: 429 | 500 | 503 }
  /** It has arrived, and no answer comes. */
  | { readonly kind: 'hung'; readonly ms: number }
  /** It has arrived, and half of the answer comes back. */
  | { readonly kind: 'truncated' };

export type FaultKind = Exclude<Fault['kind'], 'none'>;

/** Kinds by how many of a thousand requests meet them. */
export type FaultRates = Readonly<Partial<Record<FaultKind, number>>>;

export interface FaultTimes {
  /** Longest delay, ms; most are far shorter. */
  readonly delayMs: number;
  /** How long a sender is left without an answer before its connection is cut. */
  readonly hangMs: number;
}

/** Faults of one message in a row, so that every message gets through within a known time. */
const STREAK_MAX = 3;
const PER_MILLE = 1_000;

/**
 * Which requests meet which fault. It depends on the seed, the message and how often it has been sent, and not on what else
 * is under way, so the same seed gives the same message the same fate whenever it comes.
 */
export class FaultPlan {
  /** How often each kind was injected. */
  readonly injected = new Map<string, number>();
  readonly #seed: string;
  readonly #rates: FaultRates;
  readonly #times: FaultTimes;
  readonly #sent = new Map<string, { times: number; streak: number }>();
  #isQuiet = false;
  #outageUntilMs = 0;

  constructor(seed: string, rates: FaultRates, times: FaultTimes) {
    this.#seed = seed;
    this.#rates = rates;
    this.#times = times;
  }

  get isOn(): boolean {
    return !this.#isQuiet;
  }

  /** From now on everything gets through. */
  quieten(): void {
    this.#isQuiet = true;
    this.#outageUntilMs = 0;
  }

  /** Nothing gets through for so many ms. */
  breakDown(ms: number): void {
    this.#outageUntilMs = Date.now() + ms;
  }

  /** Chance that belongs to one message, for whatever else is done to it. */
  randomOf(message: string): Random {
    return createRandom(`${this.#seed} ${message}`);
  }

  /** The fate of a message that is sent now. */
  next(message: string): Fault {
    if (this.#isQuiet) return { kind: 'none' };
    const before = this.#sent.get(message) ?? { times: 0, streak: 0 };
    const fault = this.#draw(message, before);
    // What is late or comes twice has got through.
    const isLost = fault.kind !== 'none' && fault.kind !== 'delayed' && fault.kind !== 'twice';
    this.#sent.set(message, { times: before.times + 1, streak: isLost ? before.streak + 1 : 0 });
    if (fault.kind !== 'none') this.note(fault.kind === 'refused' ? `${fault.kind}_${fault.status}` : fault.kind);
    return fault;
  }

  note(kind: string, times = 1): void {
    this.injected.set(kind, (this.injected.get(kind) ?? 0) + times);
  }

  #draw(message: string, { times, streak }: { times: number; streak: number }): Fault {
    if (Date.now() < this.#outageUntilMs) return { kind: 'cut_before' };
    if (streak >= STREAK_MAX) return { kind: 'none' };
    const random = this.randomOf(`${message} ${times}`);
    let left = random.integer(0, PER_MILLE - 1);
    for (const [kind, rate = 0] of Object.entries(this.#rates) as [FaultKind, number][]) {
      if (left < rate) return this.#shape(kind, random);
      left -= rate;
    }
    return { kind: 'none' };
  }

  #shape(kind: FaultKind, random: Random): Fault {
    const { delayMs, hangMs } = this.#times;
    if (kind === 'refused') return { kind, status: random.pick([429, 500, 503] as const) };
    if (kind === 'hung') return { kind, ms: hangMs };
    if (kind !== 'delayed' && kind !== 'ghost') return { kind };
    const longest = random.integer(1, 10) === 1 ? delayMs : delayMs / 8;
    return { kind, ms: random.integer(1, Math.ceil(longest)) };
  }
}
