import { PROBE_NAMES } from '../applications/push/probes/probe.ts';
import { TRIAL_MARK } from '../applications/trial-mark.ts';
import type { SigningKey } from '../trust/import-key.ts';
import { apply, checkDelivered } from './bring-applicant.ts';
import { endApplications } from './end-applications.ts';
import { judgeEvents } from './judge-events.ts';
import { judgeStory } from './judge-story.ts';
import { daysNeeded, playLater, playNow, type TrialClock } from './play-stories.ts';
import { probeCore } from './probe-core.ts';
import { PROBED_STORY, STORIES } from './stories.ts';
import type { Story } from './story.ts';
import { StoryRun } from './story-run.ts';
import { TrialPeople } from './trial-applicant.ts';
import { TrialCannotRunError, type TrialCheck, type TrialReport } from './trial-check.ts';
import { TrialPartner } from './trial-gateway.ts';
import {
  type CoreKind,
  findLender,
  readClock,
  readEvents,
  readRefusal,
  type TrialOperator,
  trialClock,
} from './trial-operator.ts';
import { findProduct, wishFor } from './trial-product.ts';
import type { TrialSetting } from './trial-setting.ts';

export interface TrialOptions {
  readonly lenderId: string;
  /** The gateway's public origin. */
  readonly url: string;
  readonly operator: TrialOperator;
  /** The partner in whose name applicants come, and what it signs with. */
  readonly partnerId: string;
  readonly key: SigningKey;
  /** undefined = the lender's first that is open. */
  readonly productId: string | undefined;
  readonly seed: string;
  /** Keys of the stories to play; undefined = all. The one that probes are about is always played. */
  readonly stories: readonly string[] | undefined;
  readonly waitMs: number;
  /** The core goes by the gateway's sandbox clock. One that the sandbox plays always does. */
  readonly followsClock: boolean;
  /** Told how far it is. */
  readonly progress: (step: string, done: number, total: number) => void;
}

/** A trial under way. */
interface Trial {
  readonly options: TrialOptions;
  readonly core: CoreKind;
  readonly setting: TrialSetting;
  readonly people: TrialPeople;
  readonly clock: TrialClock | null;
  /** How far business time was ahead of real time, ms. */
  readonly aheadMs: number;
}

/** What came of the stories. */
interface Played {
  readonly runs: readonly StoryRun[];
  /** Since when the clock was moved by days, RFC 3339; null = never. */
  readonly movedFrom: string | null;
  readonly daysMoved: number;
}

/** Keys of all stories. */
export const STORY_KEYS: readonly string[] = STORIES.map(({ key }) => key).sort();

/**
 * Tries a lender out on a running sandbox gateway: probes its core, plays the sandbox set, reads what it posted.
 * @throws TrialCannotRunError when something outside of the core prevents it
 */
export async function runTrial(options: TrialOptions): Promise<TrialReport> {
  const partner = new TrialPartner(options.url, options.key);
  try {
    return await tryOut(await prepare(options, partner));
  } finally {
    await partner.close();
  }
}

async function prepare(options: TrialOptions, partner: TrialPartner): Promise<Trial> {
  const { lenderId, seed, operator, waitMs } = options;
  const core = await findLender(operator, lenderId);
  const realMs = Date.now();
  const acceptedAt = await readClock(operator);
  const product = await findProduct(partner, lenderId, options.productId);
  const mark = `${TRIAL_MARK}${seed}`;
  const setting: TrialSetting = { partner, product, wish: wishFor(product), mark, waitMs, acceptedAt };
  const hasClock = core === 'sandbox' || options.followsClock;
  return {
    options,
    core,
    setting,
    people: new TrialPeople(seed, Date.parse(acceptedAt), product),
    clock: hasClock ? trialClock(operator, lenderId, core) : null,
    aheadMs: Math.max(0, Date.parse(acceptedAt) - realMs),
  };
}

async function tryOut(trial: Trial): Promise<TrialReport> {
  const { options, setting } = trial;
  const [probed, ...others] = STORIES.filter(({ key }) => {
    return key === PROBED_STORY || options.stories === undefined || options.stories.includes(key);
  });
  if (probed === undefined) throw new TrialCannotRunError('the set is empty');
  const first = await bring(trial, probed);
  if (first.seen.status === 'refused') {
    const why = await readRefusal(options.operator, first.seen.id);
    throw new TrialCannotRunError(`the gateway itself refused the first applicant: ${why}; your core was not asked`);
  }
  if (first.seen.created_at < setting.acceptedAt) {
    throw new TrialCannotRunError(`the people of seed ${options.seed} have applied here before; leave --seed out`);
  }
  const delivered = await checkDelivered(first.seen, setting);
  const checks = [delivered, ...(await probes(trial, first))];
  if (delivered.verdict === 'failed') {
    const found = 'not tried: an application did not get through';
    return reportOf(trial, [...checks, skipped('stories', 'the sandbox set', found)]);
  }
  const runs = [first];
  for (const story of others) runs.push(await bring(trial, story));
  const played = await play(trial, runs);
  checks.push(...(await judge(trial, played)));
  const leftOpen = await endApplications(runs, setting);
  return reportOf(trial, checks, { leftOpen, daysMoved: played.daysMoved });
}

async function bring({ people, setting, clock }: Trial, story: Story): Promise<StoryRun> {
  const person = people.next(story.key);
  return new StoryRun(story, person, await apply(setting, story, person), setting, clock !== null);
}

async function probes({ options, core }: Trial, { seen }: StoryRun): Promise<TrialCheck[]> {
  if (core === 'pulls') {
    return [skipped('core', 'answers to what is sent', 'it fetches what is for it: nothing is sent, nothing probed')];
  }
  let done = 0;
  const tick = () => options.progress('probes', ++done, PROBE_NAMES.length);
  return probeCore(options.operator, options.lenderId, seen.id, tick);
}

async function play({ options, setting, clock }: Trial, runs: readonly StoryRun[]): Promise<Played> {
  const { progress, operator } = options;
  await playNow(runs, setting, clock, (done) => progress('stories', done, runs.length));
  const days = daysNeeded(runs, setting);
  if (clock === null || days === 0) return { runs, movedFrom: null, daysMoved: 0 };
  const movedFrom = await readClock(operator);
  await playLater(runs, setting, clock, (gone) => progress('days', gone, days));
  return { runs, movedFrom, daysMoved: days };
}

async function judge({ options, clock, aheadMs }: Trial, { runs, movedFrom }: Played): Promise<TrialCheck[]> {
  const [since = ''] = runs.map(({ seen }) => seen.created_at).sort();
  const events = await readEvents(options.operator, options.lenderId, since);
  const stories = runs.map((run) => judgeStory(run, events)).sort((one, other) => (one.id < other.id ? -1 : 1));
  const disordered = runs.filter(({ story }) => story.disordered).map(({ story }) => story.key);
  const facts = {
    storyOf: new Map(runs.map(({ seen, story }) => [seen.id, story.key])),
    disordered: new Set(disordered),
    movedFrom,
    aheadMs: clock === null ? aheadMs : 0,
  };
  return [...stories, ...judgeEvents(events, facts)];
}

function reportOf(
  { options, setting }: Trial,
  checks: readonly TrialCheck[],
  after: Pick<TrialReport, 'leftOpen' | 'daysMoved'> = { leftOpen: 0, daysMoved: 0 },
): TrialReport {
  const { lenderId: lender, partnerId: partner, seed } = options;
  const passed = checks.every(({ verdict }) => verdict !== 'failed');
  return { lender, product: setting.product.id, partner, seed, checks, passed, ...after };
}

function skipped(part: 'core' | 'stories', title: string, found: string): TrialCheck {
  return { part, id: part, title, verdict: 'skipped', found, fix: null, section: 'try' };
}
