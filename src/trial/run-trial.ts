import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { PROBE_NAMES } from '../applications/push/probes/probe.ts';
import { TRIAL_MARK } from '../applications/trial-mark.ts';
import type { SigningKey } from '../trust/import-key.ts';
import { cancelApplication } from './deeds.ts';
import { judgeEvents, type PostedEvent } from './judge-events.ts';
import { judgeStory } from './judge-story.ts';
import { applicationSchema, playLater, playNow, QUIET_MS, type TrialClock } from './play-stories.ts';
import { type ProbePort, probeCore } from './probe-core.ts';
import { PROBED_STORY, STORIES } from './stories.ts';
import type { Story } from './story.ts';
import { StoryRun } from './story-run.ts';
import { TrialPeople, uploadDocuments, verificationsOf, wholeApplicant } from './trial-applicant.ts';
import { TrialCannotRunError, type TrialCheck, type TrialReport } from './trial-check.ts';
import { expectAnswer, TrialPartner } from './trial-gateway.ts';
import { consentsFor, findProduct, wishFor } from './trial-product.ts';
import type { TrialSetting } from './trial-setting.ts';

/** The operator API of the gateway. */
export interface TrialOperator extends ProbePort {
  get(path: string): Promise<unknown>;
  list(path: string): AsyncIterable<unknown>;
}

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
  /** Keys of the stories to play; undefined = all. */
  readonly stories: readonly string[] | undefined;
  readonly waitMs: number;
  /** The core goes by the gateway's sandbox clock. One that the sandbox plays always does. */
  readonly followsClock: boolean;
  /** Told how far it is. */
  readonly progress: (step: string, done: number, total: number) => void;
}

const lenderSchema = z.object({ id: z.string(), status: z.string().nullable(), core: z.string().nullable() });
const nowSchema = z.object({ now: z.string() });
const eventSchema: z.ZodType<PostedEvent> = z.object({
  at: z.string(),
  id: z.string().nullable(),
  type: z.string().nullable(),
  occurred_at: z.string().nullable(),
  application_id: z.string().nullable(),
  result: z.enum(['applied', 'duplicate', 'held', 'rejected']),
  code: z.string().nullable(),
  detail: z.string().nullable(),
  now: z.enum(['applied', 'held', 'rejected']).nullable(),
});

/** Applications that are submitted at the same time are all on their way within this, ms. */
const DELIVERED_WITHIN_MS = 5_000;
const POLL_MS = 100;
/** The sandbox's own lenders tell everything of a move before it is answered. */
const OWN_STRIDE_DAYS = 15;
const OVER: ReadonlySet<string> = new Set(['refused', 'credit_declined', 'cancelled', 'expired']);
const LENT: ReadonlySet<string> = new Set(['paying_out', 'active', 'overdue']);

/** Story keys in the order of the set. */
export const STORY_KEYS: readonly string[] = STORIES.map(({ key }) => key).toSorted();

/**
 * Tries a lender out on a running sandbox gateway: probes its core, plays the sandbox set, reads what it posted.
 * @throws TrialCannotRunError when something outside of the core prevents it
 */
export async function runTrial(options: TrialOptions): Promise<TrialReport> {
  const partner = new TrialPartner(options.url, options.key);
  try {
    return await run(options, partner);
  } finally {
    await partner.close();
  }
}

async function run(options: TrialOptions, partner: TrialPartner): Promise<TrialReport> {
  const { lenderId, seed, partnerId, progress } = options;
  const core = await findLender(options);
  const now = await readClock(options);
  const product = await findProduct(partner, lenderId, options.productId);
  const setting: TrialSetting = {
    partner,
    product,
    wish: wishFor(product),
    mark: `${TRIAL_MARK}${seed}`,
    waitMs: options.waitMs,
    acceptedAt: now,
  };
  const stories = chosenStories(options.stories);
  const people = new TrialPeople(seed, Date.parse(now), product);
  const hasClock = core === 'sandbox' || options.followsClock;
  const clock = hasClock ? clockOf(options, core === 'sandbox') : null;
  const bring = async (story: Story) => {
    const person = people.next(story.key);
    return new StoryRun(story, person, await submit(setting, story, person), setting, clock !== null);
  };

  const [probed, ...others] = stories;
  if (probed === undefined) throw new TrialCannotRunError('no story is chosen');
  progress('probes', 0, PROBE_NAMES.length);
  const first = await bring(probed);
  const delivered = await deliveredCheck(first, setting);
  let done = 0;
  const probes =
    core === 'pulls'
      ? [
          skipped(
            'probes',
            'answers to what we send',
            'it fetches what is for it: nothing is sent, so nothing is probed',
          ),
        ]
      : await probeCore(options.operator, lenderId, first.seen.id, () =>
          progress('probes', ++done, PROBE_NAMES.length),
        );
  const checks: TrialCheck[] = [delivered, ...probes];
  if (delivered.verdict === 'failed') {
    checks.push(skipped('stories', 'the sandbox set', 'not tried: an application did not get through'));
    return reportOf(checks, {
      lender: lenderId,
      product: product.id,
      partner: partnerId,
      seed,
      leftOpen: 0,
      daysMoved: 0,
    });
  }
  const runs = [first];
  for (const story of others) runs.push(await bring(story));
  const played = await play(runs, setting, clock, options);
  const events = await readEvents(options, runs);
  checks.push(...runs.map((one) => judgeStory(one, events)).sort((one, other) => (one.id < other.id ? -1 : 1)));
  checks.push(...judgeEvents(events, { ...factsOf(runs), movedFrom: played.movedFrom }));
  const leftOpen = await endAll(runs, setting);
  const { daysMoved } = played;
  return reportOf(checks, { lender: lenderId, product: product.id, partner: partnerId, seed, leftOpen, daysMoved });
}

function reportOf(checks: readonly TrialCheck[], rest: Omit<TrialReport, 'checks' | 'passed'>): TrialReport {
  return { ...rest, checks, passed: checks.every(({ verdict }) => verdict !== 'failed') };
}

async function play(
  runs: readonly StoryRun[],
  setting: TrialSetting,
  clock: TrialClock | null,
  options: TrialOptions,
): Promise<{ readonly movedFrom: string | null; readonly daysMoved: number }> {
  options.progress('stories', 0, 1);
  await playNow(runs, setting, clock);
  options.progress('stories', 1, 1);
  if (clock === null || !runs.some(({ phase }) => phase === 'later')) return { movedFrom: null, daysMoved: 0 };
  const movedFrom = await readClock(options);
  let gone = 0;
  const daysMoved = await playLater(runs, setting, clock, (days) => {
    gone += days;
    options.progress('days', gone, gone);
  });
  return { movedFrom, daysMoved };
}

async function findLender({ operator, lenderId }: TrialOptions): Promise<'sandbox' | 'called' | 'pulls'> {
  for await (const one of operator.list('/admin/v1/lenders')) {
    const { id, core, status } = lenderSchema.parse(one);
    if (id !== lenderId) continue;
    if (status !== 'active') throw new TrialCannotRunError(`lender ${id} is ${status ?? 'in no file any more'}`);
    if (core === 'sandbox' || core === 'called' || core === 'pulls') return core;
  }
  throw new TrialCannotRunError(`the gateway knows no lender ${lenderId}; its file is lending/${lenderId}/lender.yaml`);
}

/** Business time; only a sandbox has a clock that can be read. */
async function readClock({ operator }: TrialOptions): Promise<string> {
  try {
    return nowSchema.parse(await operator.get('/sandbox/clock')).now;
  } catch (error) {
    const isLive = error instanceof Error && 'code' in error && error.code === 'not_found';
    throw isLive ? new TrialCannotRunError('the gateway is live: lenders are tried on a sandbox gateway') : error;
  }
}

function chosenStories(keys: readonly string[] | undefined): readonly Story[] {
  // Probes are about the first one, so it is always there.
  return STORIES.filter(({ key }) => keys === undefined || key === PROBED_STORY || keys.includes(key));
}

function clockOf(options: TrialOptions, isPlayed: boolean): TrialClock {
  const { operator, lenderId } = options;
  return {
    strideDays: isPlayed ? OWN_STRIDE_DAYS : 1,
    advance: async (move) => {
      await operator.post('/sandbox/clock', { advance: move }, 'sluice lender try');
    },
    quiet: async () => {
      if (isPlayed) return;
      for (let before = -1; ; ) {
        const since = (await readClock(options)).slice(0, 10);
        const events = await collect(operator.list(eventsPath(lenderId, `${since}T00:00:00Z`)));
        if (events.length === before) return;
        before = events.length;
        await delay(QUIET_MS);
      }
    },
  };
}

async function submit(setting: TrialSetting, story: Story, person: Parameters<typeof wholeApplicant>[1]) {
  const { partner, product, wish, mark, acceptedAt } = setting;
  const { documents, verifications } = product.requirements;
  const body = {
    partner_ref: `${mark}-${story.key}`,
    partner_user_ref: mark,
    product_id: product.id,
    requested: wish,
    applicant: wholeApplicant(product, person),
    documents: await uploadDocuments(partner, documents, `${mark} ${story.key}`),
    verifications: verificationsOf(verifications, acceptedAt),
    consents: consentsFor(product, 'apply', acceptedAt),
  };
  const answer = await partner.post('/v1/applications', body);
  return expectAnswer(`the application of ${story.key}`, answer, [201], applicationSchema);
}

/** Whether the first application got through to the core, and was taken. */
async function deliveredCheck(first: StoryRun, { partner, waitMs }: TrialSetting): Promise<TrialCheck> {
  const row = { part: 'core', id: 'delivered', title: 'takes an application', section: 'try-answers' } as const;
  const until = Date.now() + Math.min(waitMs, DELIVERED_WITHIN_MS);
  for (;;) {
    const path = `/v1/applications/${first.seen.id}`;
    first.seen = expectAnswer(`GET ${path}`, await partner.get(path), [200], applicationSchema);
    const { status, reason } = first.seen;
    if (status === 'refused') {
      throw new TrialCannotRunError(
        `the gateway itself refused the first applicant (${reason ?? 'this partner is not told why'}); try another --seed`,
      );
    }
    if (status !== 'received') return { ...row, verdict: 'passed', found: `application ${status}`, fix: null };
    if (Date.now() > until) {
      const fix =
        'See the rows below for what is wrong with the answer to POST /applications, and sluice’s log for each attempt.';
      return { ...row, verdict: 'failed', found: 'it was sent, and not taken', fix };
    }
    await delay(POLL_MS);
  }
}

async function readEvents({ operator, lenderId }: TrialOptions, runs: readonly StoryRun[]): Promise<PostedEvent[]> {
  const [since = ''] = runs.map(({ seen }) => seen.created_at).toSorted();
  const events = await collect(operator.list(eventsPath(lenderId, since)));
  return events.map((event) => eventSchema.parse(event));
}

function eventsPath(lenderId: string, since: string): string {
  return `/admin/v1/lenders/${encodeURIComponent(lenderId)}/events?since=${encodeURIComponent(since)}`;
}

function factsOf(runs: readonly StoryRun[]) {
  const disordered = runs.filter(({ story }) => story.disordered).map(({ story }) => story.key);
  return {
    storyOf: new Map(runs.map(({ seen, story }) => [seen.id, story.key])),
    disordered: new Set(disordered),
  };
}

/** Ends what can be ended. @returns how many applications stay open, with money out */
async function endAll(runs: readonly StoryRun[], setting: TrialSetting): Promise<number> {
  let leftOpen = 0;
  for (const { story, person, seen } of runs) {
    if (OVER.has(seen.status)) continue;
    const isLent = seen.loans.some(({ status }) => LENT.has(status));
    const refused = isLent ? null : await cancelApplication(setting, { key: story.key, person, seen });
    if (isLent || refused !== null) leftOpen += 1;
  }
  return leftOpen;
}

function skipped(id: string, title: string, found: string): TrialCheck {
  return {
    part: id === 'stories' ? 'stories' : 'core',
    id,
    title,
    verdict: 'skipped',
    found,
    fix: null,
    section: 'try',
  };
}

async function collect(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const item of items) all.push(item);
  return all;
}
