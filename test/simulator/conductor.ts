import { setImmediate as immediate } from 'node:timers/promises';
import type { HeldRequest } from './line.ts';
import type { Random } from './random.ts';
import type { SimProcess } from './sim-process.ts';

/** What one process does in a step. */
export interface Job {
  readonly process: SimProcess;
  /** Never left without a handler: it may fail with its connection. */
  run(): Promise<unknown>;
}

/** Where a fault strikes. */
export interface Fault {
  /** `restart`: the process dies; `reconnect`: its connection does; `redis`: the server is killed. */
  readonly kind: 'restart' | 'reconnect' | 'redis';
  /** Which of the jobs it strikes. */
  readonly job: number;
  /** The so manieth of its requests (from 1), or of its writes. */
  readonly request: number;
  readonly of: 'requests' | 'writes';
  /** `before` the server has it, or `after`: it has done it and nobody learns so. */
  readonly side: 'before' | 'after';
}

export type JobEnd =
  | { readonly result: 'done'; readonly value: unknown }
  | { readonly result: 'failed'; readonly error: unknown; readonly wasCut: boolean };

export interface Conducted {
  readonly ends: readonly JobEnd[];
  /** Whether the fault struck: a job may be over before it comes to it. */
  readonly struck: boolean;
  readonly requests: number;
}

export interface Surroundings {
  readonly random: Random;
  /** Called after each write, with everything else at a standstill. */
  wrote(job: number): Promise<void>;
  killRedis(): Promise<void>;
}

const STANDSTILL_TIMEOUT_MS = 20_000;
const QUIET_TURNS = 6;

/**
 * Runs jobs at the same time, each on a process of its own, with one request on its way at any moment: all that run must
 * wait at their lines before the next is drawn. So the seed alone decides in which order they reach the server.
 */
export async function conduct(jobs: readonly Job[], fault: Fault | null, around: Surroundings): Promise<Conducted> {
  const players = jobs.map((job, index) => new Player(job, index));
  let wake: () => void = () => undefined;
  for (const player of players) player.start(() => wake());
  let struck = false;
  let requests = 0;
  try {
    for (;;) {
      await standstill(players, (told) => {
        wake = told;
      });
      const player = around.random.pick(players.filter(({ end }) => end === null));
      if (player === undefined) break;
      requests += 1;
      const { isAppend } = player.take();
      const isHit = !struck && fault !== null && player.index === fault.job && player.isAt(fault, isAppend);
      if (isHit && fault.side === 'before') {
        struck = true;
        await strike(fault, player, players, around);
        continue;
      }
      const answer = await player.process.line.pass();
      if (isAppend) await around.wrote(player.index);
      if (isHit) {
        struck = true;
        await strike(fault, player, players, around);
        continue;
      }
      answer();
    }
  } finally {
    for (const { process } of players) process.line.open();
  }
  return { ends: players.map((player) => player.end ?? { result: 'done', value: undefined }), struck, requests };
}

async function strike(fault: Fault, player: Player, players: readonly Player[], around: Surroundings): Promise<void> {
  if (fault.kind !== 'redis') return player.cut();
  // Before it happens: they learn of it before we do.
  for (const one of players) one.expectCut();
  await around.killRedis();
  for (const one of players) one.cut();
}

class Player {
  readonly index: number;
  readonly process: SimProcess;
  end: JobEnd | null = null;
  readonly #job: Job;
  #wasCut = false;
  readonly #seen = { requests: 0, writes: 0 };

  constructor(job: Job, index: number) {
    this.#job = job;
    this.index = index;
    this.process = job.process;
  }

  start(wake: () => void): void {
    const { line } = this.process;
    line.onRequest = wake;
    line.hold();
    const ended = (end: JobEnd): void => {
      this.end = end;
      line.open();
      wake();
    };
    this.#job.run().then(
      (value) => ended({ result: 'done', value }),
      (error: unknown) => ended({ result: 'failed', error, wasCut: this.#wasCut }),
    );
  }

  get isWaiting(): boolean {
    return this.end === null && !this.#wasCut && this.process.line.held !== null;
  }

  /** Its turn has come. @returns the request that waits */
  take(): HeldRequest {
    const { held } = this.process.line;
    if (held === null) throw new Error(`${this.process.name} waits for nothing`);
    this.#seen.requests += 1;
    if (held.isAppend) this.#seen.writes += 1;
    return held;
  }

  /** Whether the request whose turn has come is the one that a fault is meant for. */
  isAt({ request, of }: Fault, isAppend: boolean): boolean {
    return of === 'writes' ? isAppend && this.#seen.writes === request : this.#seen.requests === request;
  }

  expectCut(): void {
    this.#wasCut = this.end === null;
  }

  cut(): void {
    this.expectCut();
    this.process.line.cut();
  }
}

/** Until every job is over or waits at its line. */
async function standstill(players: readonly Player[], onWake: (wake: () => void) => void): Promise<void> {
  const isStill = () => players.every((player) => player.end !== null || player.isWaiting);
  const hasSettled = async (): Promise<boolean> => {
    // A process may have more to say before it waits: parts of one batch go out one after the other.
    for (let turn = 0; turn < QUIET_TURNS && isStill(); turn += 1) await immediate();
    return isStill();
  };
  while (!(await hasSettled())) {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        const busy = players.filter((player) => player.end === null && !player.isWaiting);
        reject(new Error(`neither over nor asking Redis: ${busy.map(({ process }) => process.name).join(', ')}`));
      }, STANDSTILL_TIMEOUT_MS);
      onWake(() => {
        clearTimeout(timer);
        resolve();
      });
      if (isStill()) {
        clearTimeout(timer);
        resolve();
      }
    });
  }
}
