import { setTimeout as delay } from 'node:timers/promises';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../src/base/clock.ts';
import type { SandboxClock } from '../../../src/sandbox/sandbox-clock.ts';
import type { Applicant } from './applicant.ts';
import type { FaultInstallation } from './fault-installation.ts';
import { backlogOf, type Records } from './fault-outcome.ts';
import type { PartnerDesk } from './partner-desk.ts';

export interface WorldSettings {
  readonly applicants: readonly Applicant[];
  /** Days on which applicants come, business time. */
  readonly arrivalDays: number;
  /** How far the business clock goes after that. */
  readonly afterDays: number;
  /** It goes on by so many days at a time at the most and by half of that at least, once nobody comes any more. */
  readonly stepDays: number;
  /** Applicants that partners look at side by side. */
  readonly atOnce: number;
  /** Told how far it is, from 0 to 1; what it begins goes on beside the rest. */
  readonly meanwhile: (share: number) => void;
}

/** Stops on a day on which applicants come. */
const STEPS_OF_DAY_MS = [
  2 * SECOND_MS,
  3 * SECOND_MS,
  5 * SECOND_MS,
  30 * SECOND_MS,
  5 * MINUTE_MS,
  2 * HOUR_MS,
  9 * HOUR_MS,
];
/** Early events are held for three days of business time: a lender must not be behind by more. */
const LAG_MAX_MS = 12 * HOUR_MS;
const PATIENCE_MS = 300_000;
const HALF_DAY_MS = DAY_MS / 2;
const POLL_MS = 3;
/** By then a gateway goes by the moved clock. */
const CLOCK_SEEN_MS = 25;

/** Lets business time pass for everybody: applicants come, partners look after them, lenders go on with their stories. */
export async function playWorld(
  installation: FaultInstallation,
  desk: PartnerDesk,
  settings: WorldSettings,
): Promise<void> {
  const { clock } = installation;
  const { applicants, arrivalDays, afterDays, stepDays, atOnce, meanwhile } = settings;
  const driver = new LenderDriver(installation);
  driver.start();
  const nowMs = (): number => clock.nowMs();
  const goTo = async (targetMs: number): Promise<void> => {
    await moveTo(clock, targetMs);
    await delay(CLOCK_SEEN_MS);
    await driver.caughtUp(targetMs - LAG_MAX_MS);
    await desk.visitDue(nowMs, atOnce);
  };
  try {
    for (let day = 0; day < arrivalDays; day += 1) {
      meanwhile((0.5 * day) / arrivalDays);
      const startMs = nowMs();
      desk.admit(applicants.slice(...shareOf(applicants.length, day, arrivalDays)), startMs);
      await desk.visitDue(nowMs, atOnce);
      for (const ms of STEPS_OF_DAY_MS) await goTo(nowMs() + ms);
      await goTo(startMs + DAY_MS);
    }
    const [startMs, endMs] = [nowMs(), nowMs() + afterDays * DAY_MS];
    while (nowMs() < endMs) {
      meanwhile(0.5 + (0.5 * (nowMs() - startMs)) / (endMs - startMs));
      const next = Math.min((await installation.nextDue()) ?? endMs, desk.nextMs, nowMs() + stepDays * DAY_MS);
      await goTo(Math.min(Math.max(next, nowMs() + stepDays * HALF_DAY_MS), endMs));
    }
    meanwhile(1);
  } finally {
    await driver.stop();
  }
}

/** Redis may be away for a moment. */
async function moveTo(clock: SandboxClock, targetMs: number): Promise<void> {
  await eventually('the clock is moved', () =>
    clock.moveTo(targetMs).then(
      () => true,
      () => false,
    ),
  );
}

function shareOf(count: number, part: number, parts: number): [number, number] {
  return [Math.floor((count * part) / parts), Math.floor((count * (part + 1)) / parts)];
}

/** Has the lenders report all the while, whatever becomes of it. */
export class LenderDriver {
  readonly #installation: FaultInstallation;
  #stopping = false;
  #loop: Promise<void> = Promise.resolve();
  #totalsMs = 0;

  constructor(installation: FaultInstallation) {
    this.#installation = installation;
  }

  start(): void {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#loop;
  }

  /** Resolves when the lenders have told everything that happened by an instant. */
  async caughtUp(byMs: number): Promise<void> {
    for (const deadline = Date.now() + PATIENCE_MS; ; await delay(POLL_MS)) {
      const next = await this.#installation.nextDue();
      if (next === null || next > byMs) return;
      if (Date.now() > deadline) throw new Error(`the lenders are behind since ${new Date(next).toISOString()}`);
    }
  }

  async #run(): Promise<void> {
    const { clock, lenders } = this.#installation;
    while (!this.#stopping) {
      const nowMs = clock.nowMs();
      try {
        const next = await lenders.due.nextDue();
        if (next !== null && next <= nowMs) await lenders.due.runDue(nowMs);
        if (nowMs - this.#totalsMs > DAY_MS) {
          await lenders.due.catchUp?.(nowMs);
          this.#totalsMs = nowMs;
        }
      } catch {
        // Not answered: told again.
      }
      await delay(POLL_MS);
    }
  }
}

/** Nothing is lost any more: everything that waits gets through. Business time goes on by two days for it. */
export async function comeToRest(installation: FaultInstallation, records: Records): Promise<void> {
  const { clock, lenders } = installation;
  for (let day = 0; day < 2; day += 1) {
    await moveTo(clock, clock.nowMs() + DAY_MS);
    const nowMs = clock.nowMs();
    await eventually('the lenders have told everything', async () => {
      await lenders.due.runDue(nowMs).catch(() => undefined);
      const next = await installation.nextDue();
      return next === null || next > nowMs;
    });
    await eventually('everything for the lenders is sent', async () => (await installation.waiting()) === 0);
  }
  await eventually('everything that has happened is read', async () => (await backlogOf(records)).shardsBehind === 0);
  await eventually('the daily totals are told', async () => {
    const told = lenders.due.catchUp?.(clock.nowMs()) ?? Promise.resolve();
    return told.then(
      () => true,
      () => false,
    );
  });
}

async function eventually(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; !(await isSo()); await delay(POLL_MS * 10)) {
    if (Date.now() > deadline) throw new Error(`it did not come about in ${PATIENCE_MS} ms that ${what}`);
  }
}
