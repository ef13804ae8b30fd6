import { hash } from 'node:crypto';
import { DAY_MS, HOUR_MS } from '../../src/base/clock.ts';
import { conduct, type Fault, type Job } from './conductor.ts';
import { nextVersion } from './contracts.ts';
import { expectedOf } from './model.ts';
import { dayOf, dayText } from './model-arithmetic.ts';
import { Random } from './random.ts';
import type { SimProcess } from './sim-process.ts';
import type { Action } from './steps/action.ts';
import { applying } from './steps/apply-events.ts';
import { closingTo } from './steps/close-periods.ts';
import { STEPS } from './steps/table.ts';
import { must, Violation } from './violation.ts';
import { openWorld, type World } from './world.ts';

export interface SimulateOptions {
  readonly steps: number;
  /** Steps that are left out: each draws from a seed of its own, so the others stay what they are as far as they can. */
  readonly without?: ReadonlySet<number>;
  /** Checked between steps: an end before the last step, which is no failure. */
  isOver?(): boolean;
}

export interface SimulationCounts {
  steps: number;
  events: number;
  applied: number;
  writes: number;
  locks: number;
  cuts: number;
  kills: number;
  requests: number;
}

export interface Played {
  readonly seed: string;
  readonly failure: { readonly step: number; readonly error: Error } | null;
  /** SHA-256 over everything stored at the end; null after a failure. */
  readonly digest: string | null;
  readonly counts: SimulationCounts;
  /** What was done, one text a step. */
  readonly trail: readonly { readonly step: number; readonly text: string }[];
}

/** Plays one seed from an empty Redis to the end, or to the first thing that does not hold. */
export async function simulate(seed: string, options: SimulateOptions): Promise<Played> {
  const world = await openWorld(seed);
  const play = new Play(world, seed);
  try {
    for (let step = 1; step <= options.steps && options.isOver?.() !== true; step += 1) {
      if (options.without?.has(step) !== true) await play.step(step);
    }
    const digest = await play.finish();
    return { seed, failure: null, digest, counts: play.counts(), trail: play.trail };
  } catch (error) {
    const failure = { step: play.at, error: error instanceof Error ? error : new Error(String(error)) };
    return { seed, failure, digest: null, counts: play.counts(), trail: play.trail };
  } finally {
    await world.close();
  }
}

const FAULT_CHANCE = 0.15;
const AT_REST_EVERY = 100;
const CLOSING_ROUNDS = 40;
const RIVAL_DRAWS = 3;

class Play {
  at = 0;
  readonly trail: { readonly step: number; readonly text: string }[] = [];
  readonly #world: World;
  readonly #seed: string;
  /** What was cut off: whoever wanted it asks again. */
  #unfinished: Action[] = [];
  readonly #counts = { steps: 0, cuts: 0, kills: 0, requests: 0 };

  constructor(world: World, seed: string) {
    this.#world = world;
    this.#seed = seed;
  }

  counts(): SimulationCounts {
    const all = [...this.#world.invariants.values()];
    const { events } = this.#world.log;
    return {
      ...this.#counts,
      events: events.length,
      applied: events.filter(({ isAcknowledged }) => isAcknowledged).length,
      writes: all.reduce((sum, { writes }) => sum + writes, 0),
      locks: all.reduce((sum, { books }) => sum + books.statements.length, 0),
    };
  }

  async step(step: number): Promise<void> {
    this.at = step;
    this.#counts.steps += 1;
    const random = new Random(`${this.#seed} ${step}`);
    const what = random.weighted([
      ['act', 84],
      ['clock', 12],
      ['terms', 1],
      ['kill', 1],
      ['restart', 2],
    ] as const);
    if (what === 'clock') this.#moveClock(random);
    else if (what === 'terms') this.#addTerms(random);
    else if (what === 'kill') await this.#killIdleRedis();
    else if (what === 'restart') await this.#restartIdle(random);
    else await this.#act(random);
    await this.#check(random);
    if (step % AT_REST_EVERY === 0) for (const one of this.#world.invariants.values()) await one.atRest();
  }

  /** Everything that waits is done, time goes by, everything is closed; then all of it is looked at once more. */
  async finish(): Promise<string> {
    this.at += 1;
    const random = new Random(`${this.#seed} end`);
    const { log, partners, clock, invariants, processes } = this.#world;
    const [process] = processes;
    if (process === undefined) throw new Error('a world has processes');
    for (const action of this.#unfinished.splice(0)) await this.#conduct([{ process, action }], null, random);
    for (const partnerId of partners) {
      for (;;) {
        const action = applying(this.#world, 'apply the rest', partnerId, log.waiting(partnerId));
        if (action === null) break;
        await this.#conduct([{ process, action }], null, random);
      }
    }
    clock.advance(40 * DAY_MS);
    for (let round = 0; round < CLOSING_ROUNDS; round += 1) {
      const before = this.counts().writes;
      const to = dayText(dayOf(clock.nowMs()) - 1);
      for (const actor of ['ann', 'bob']) {
        await this.#conduct([{ process, action: closingTo(this.#world, to, actor) }], null, random);
      }
      if (this.counts().writes === before) break;
    }
    await this.#check(random);
    const digests: string[] = [];
    for (const one of invariants.values()) {
      await one.atRest();
      one.checkComplete(log);
      digests.push(await one.digest());
    }
    return hash('sha256', digests.join(), 'hex');
  }

  #moveClock(random: Random): void {
    const hours = random.chance(0.5) ? random.between(1, 30) : random.between(24, 8 * 24);
    this.#world.clock.advance(hours * HOUR_MS);
    this.#tell(`${hours} hours go by: ${new Date(this.#world.clock.nowMs()).toISOString()}`);
  }

  #addTerms(random: Random): void {
    const partnerId = random.pick(this.#world.partners) ?? '';
    const versions = this.#world.contracts.get(partnerId) ?? [];
    const contract = random.pick(versions)?.contract;
    const last = versions.filter((version) => version.contract === contract).at(-1);
    const from = dayText(dayOf(this.#world.clock.nowMs()) + random.between(1, 10));
    if (last === undefined || from <= last.from) return;
    const version = nextVersion(random, last, from);
    versions.push(version);
    this.#tell(`terms ${version.id} of ${partnerId} from ${from}`);
  }

  async #killIdleRedis(): Promise<void> {
    this.#tell('kill -9 of Redis while nobody asks it');
    await this.#world.redis.kill();
    this.#counts.kills += 1;
    await this.#bringBack(() => 'reconnect');
  }

  async #restartIdle(random: Random): Promise<void> {
    const process = random.pick(this.#world.processes);
    this.#tell(`${process?.name} starts anew`);
    await process?.restart();
  }

  async #act(random: Random): Promise<void> {
    const processes = random.some(this.#world.processes, this.#world.processes.length);
    const actions: Action[] = [];
    const again = random.chance(0.5) ? this.#unfinished.shift() : undefined;
    const first = again ?? random.weighted(STEPS)?.(this.#world, random) ?? null;
    if (first === null) return;
    actions.push(first);
    const others = random.chance(0.45) ? random.between(1, processes.length - 1) : 0;
    for (let at = 0; at < others; at += 1) {
      // The same at the same time, or something else.
      const other = random.chance(0.3) ? first : this.#rival(first, random);
      if (other !== null) actions.push(other);
    }
    const jobs = actions.flatMap((action, at) => {
      const process = processes[at];
      return process === undefined ? [] : [{ process, action }];
    });
    await this.#conduct(jobs, random.chance(FAULT_CHANCE) ? faultOf(random, jobs.length) : null, random);
  }

  /** Something to do beside it, of the same counterparty if possible: that is where races are. */
  #rival(first: Action, random: Random): Action | null {
    let found: Action | null = null;
    for (let draw = 0; draw < RIVAL_DRAWS; draw += 1) {
      found = random.weighted(STEPS)?.(this.#world, random) ?? null;
      if (found?.partnerId === first.partnerId) break;
    }
    return found;
  }

  async #conduct(
    jobs: readonly { readonly process: SimProcess; readonly action: Action }[],
    fault: Fault | null,
    random: Random,
  ): Promise<void> {
    const { clock, invariants, redis } = this.#world;
    const struckName = fault === null ? undefined : jobs[fault.job]?.process.name;
    const faultText =
      fault === null ? '' : ` — ${fault.kind} of ${struckName}, ${fault.side} ${fault.of} ${fault.request}`;
    this.#tell(`${jobs.map(({ process, action }) => `${process.name} ${action.label}`).join(' ‖ ')}${faultText}`);
    const events = jobs.flatMap(({ action }) => action.doing.events ?? []);
    const idle = new Set(events.filter((event) => expectedOf(this.#books(event.partnerId), event).length === 0));
    const players: Job[] = jobs.map(({ process, action }) => ({ process, run: () => action.run(process.rooms) }));
    const { ends, struck, requests } = await conduct(players, fault, {
      random,
      wrote: async (job) => {
        const action = jobs[job]?.action;
        for (const [partnerId, one] of invariants) {
          if (action?.partnerId !== null && action?.partnerId !== partnerId) continue;
          await one.afterWrite(action.doing, clock.nowMs());
        }
      },
      killRedis: () => redis.kill(),
    });
    this.#counts.requests += requests;
    if (struck && fault !== null) await this.#recover(fault, jobs[fault.job]?.process, random);
    for (const [at, end] of ends.entries()) {
      const action = jobs[at]?.action;
      if (action === undefined) continue;
      if (end.result === 'done') action.done?.(end.value);
      else if (end.wasCut) this.#unfinished.push(action);
      else throw new Violation('answers', `${action.label} failed: ${textOf(end.error)}`);
    }
    for (const one of invariants.values())
      one.checkAcknowledged(
        events.filter((event) => event.partnerId === one.books.partnerId),
        idle,
      );
  }

  #books(partnerId: string) {
    const found = this.#world.invariants.get(partnerId);
    if (found === undefined) throw new Error(`there is no ${partnerId}`);
    return found.books;
  }

  async #recover(fault: Fault, process: SimProcess | undefined, random: Random): Promise<void> {
    if (fault.kind === 'redis') {
      this.#counts.kills += 1;
      return this.#bringBack(() => (random.chance(0.5) ? 'restart' : 'reconnect'));
    }
    this.#counts.cuts += 1;
    await process?.[fault.kind]();
  }

  async #bringBack(how: () => 'restart' | 'reconnect'): Promise<void> {
    await this.#world.redis.startAgain();
    for (const process of this.#world.processes) await process[how()]();
  }

  async #check(random: Random): Promise<void> {
    for (const one of this.#world.invariants.values()) await one.afterStep(random);
    must('answers', this.#unfinished.length < 100, 'what was cut off is never done');
  }

  #tell(text: string): void {
    this.trail.push({ step: this.at, text });
  }
}

function faultOf(random: Random, jobs: number): Fault {
  const kind = random.weighted([
    ['restart', 5],
    ['reconnect', 5],
    ['redis', 1],
  ] as const);
  const of = random.chance(0.7) ? 'writes' : 'requests';
  return {
    kind: kind ?? 'restart',
    job: random.between(0, jobs - 1),
    request: of === 'writes' ? random.between(1, 2) : random.between(1, 6),
    of,
    side: random.chance(0.5) ? 'before' : 'after',
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
