import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkApplications } from '../../src/applications/rebuild/check-applications.ts';
import { isoOf, SECOND_MS } from '../../src/base/clock.ts';
import type { StateLine } from '../../src/sandbox/core/read-states.ts';
import { inventApplicants } from '../support/faults/applicant.ts';
import {
  FAULTY_LENDERS,
  type FaultInstallation,
  startFaultInstallation,
} from '../support/faults/fault-installation.ts';
import {
  commissionsOf,
  compareDays,
  earningsOf,
  leftOver,
  type Outcome,
  openRecords,
  type Records,
  readOutcome,
  statesOf,
  toldTwiceIn,
} from '../support/faults/fault-outcome.ts';
import { FaultPlan } from '../support/faults/fault-plan.ts';
import { comeToRest, playWorld } from '../support/faults/fault-world.ts';
import { type Disagreement, disagreements } from '../support/faults/lender-agreement.ts';
import { PartnerDesk } from '../support/faults/partner-desk.ts';
import { PartnerLine } from '../support/faults/partner-line.ts';
import { earningsInBooks } from '../support/mixed-earnings.ts';

/** `SLUICE_FAULT_APPLICANTS=10000` for the whole proof, `SLUICE_FAULT_SEED=…` for another or the same again. */
const APPLICANTS = Number(process.env.SLUICE_FAULT_APPLICANTS ?? 100);
const SEED = process.env.SLUICE_FAULT_SEED ?? 'lender faults';
const IS_LONG = APPLICANTS >= 1_000;
/** Of loans. A short run passes the end of shorter ones. */
const LONGEST_MONTHS = IS_LONG ? 12 : 6;
const LIMIT_MS = 120 * SECOND_MS + APPLICANTS * SECOND_MS;

let installation: FaultInstallation;
let line: PartnerLine;
let desk: PartnerDesk;
let pushes: FaultPlan;
let events: FaultPlan;
let records: Records;
let rest: Outcome;
let lines: StateLine[];
let kills = 0;
let toldPercent = -1;
/** First and last day of business time. */
let days: [string, string];

beforeAll(async () => {
  const startedMs = Date.now();
  pushes = new FaultPlan(
    `${SEED} pushes`,
    { cut_before: 30, cut_after: 30, refused: 40, hung: 8, truncated: 15, ghost: 15, twice: 60, delayed: 120 },
    { delayMs: 1_200, hangMs: 2_000 },
  );
  events = new FaultPlan(
    `${SEED} events`,
    { cut_before: 25, cut_after: 25, refused: 30, hung: 4, truncated: 15, ghost: 40, twice: 60, delayed: 100 },
    { delayMs: 800, hangMs: 800 },
  );
  installation = await startFaultInstallation({ pushes, events, coreTimeoutMs: 1_500, retryMaxSeconds: 5 });
  const { registry, clock } = installation;
  const firstDay = isoOf(clock.nowMs()).slice(0, 10);
  line = new PartnerLine(installation.urls);
  desk = new PartnerDesk(line);
  const acting: Promise<void>[] = [];
  const acts = IS_LONG ? longRun() : shortRun();
  await playWorld(installation, desk, {
    applicants: inventApplicants(registry, { seed: SEED, count: APPLICANTS, longestMonths: LONGEST_MONTHS }),
    arrivalDays: IS_LONG ? 20 : 5,
    afterDays: LONGEST_MONTHS * 34,
    stepDays: IS_LONG ? 1 : 2,
    atOnce: 24,
    meanwhile: (share) => {
      if (IS_LONG) tell(share, startedMs);
      for (const { act } of acts.splice(0, acts.filter(({ at }) => at <= share).length)) acting.push(act());
    },
  });
  await Promise.all(acting);
  pushes.quieten();
  events.quieten();
  records = await openRecords(installation);
  await comeToRest(installation, records);
  await installation.stopGateways();
  days = [firstDay, isoOf(clock.nowMs()).slice(0, 10)];
  rest = await readOutcome(records);
  lines = (await Promise.all(FAULTY_LENDERS.map((id) => statesOf(installation, id)))).flat();
  process.stdout.write(`${summary(Date.now() - startedMs)}\n`);
}, LIMIT_MS);

afterAll(async () => {
  records?.client.disconnect();
  await installation?.stop();
});

interface Act {
  /** Share of the run after which it begins. */
  readonly at: number;
  readonly act: () => Promise<void>;
}

const gateway = (index: number) => (): Promise<void> => kill(() => installation.killGateway(index));
const redis = (): Promise<void> => kill(() => installation.killRedis(700));
const cores = async (): Promise<void> => pushes.breakDown(2_500);

function shortRun(): Act[] {
  return [
    { at: 0.15, act: gateway(0) },
    { at: 0.25, act: cores },
    { at: 0.4, act: redis },
    { at: 0.6, act: gateway(1) },
  ];
}

function longRun(): Act[] {
  const kills = Array.from({ length: 10 }, (_, at) => ({ at: 0.05 + 0.09 * at, act: gateway(at % 2) }));
  const others = [0.1, 0.35, 0.7].map((at) => ({ at, act: cores }));
  return [...kills, ...others, { at: 0.3, act: redis }].sort((one, other) => one.at - other.at);
}

function tell(share: number, startedMs: number): void {
  const percent = Math.floor(100 * share);
  if (percent === toldPercent) return;
  toldPercent = percent;
  process.stdout.write(`${percent} % after ${Math.round((Date.now() - startedMs) / SECOND_MS)} s\n`);
}

async function kill(act: () => Promise<void>): Promise<void> {
  kills += 1;
  await act();
}

function summary(tookMs: number): string {
  const { pushes: pushed, events: posted } = installation.requests();
  const applications = [...rest.applications.values()];
  const statuses = applications.map(({ status, reason }) => (status === 'refused' ? `${status}/${reason}` : status));
  const loans = applications.flatMap((application) => application.loans.map(({ status }) => status));
  const calledOff = rest.events.filter(({ type }) => type === 'application.cancelled').map(({ subject }) => subject);
  const resumed = calledOff.filter((id) => rest.applications.get(id)?.status === 'credit_granted');
  return [
    `lender faults, seed "${SEED}": ${APPLICANTS} applicants in ${Math.round(tookMs / SECOND_MS)} s, ${kills} kills, ${rest.events.length} events in the log`,
    `  applications: ${counted(statuses)}; ${resumed.length} cancelled in vain`,
    `  loans: ${counted(loans)}; ${applications.flatMap(({ cards = [] }) => cards).length} cards`,
    `  ${pushed} requests to cores: ${toText(pushes.injected)}`,
    `  arrived there: ${toText(installation.operations)}`,
    `  ${posted} requests from lenders: ${toText(events.injected)}`,
    `  ${line.asked} requests of partners: ${line.unavailable} × 503, ${line.broken} broken; ${toText(line.refusals)}`,
  ].join('\n');
}

function counted(texts: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return toText(counts);
}

function toText(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([what, times]) => `${what} ${times}`).join(', ');
}

const OTHERS_SHOWN = 20;

/** The first applicant on whom the two sides differ, with both sides; of others where. */
function shown(found: readonly Disagreement[]): string {
  const ids = [...new Set(found.map(({ applicationId }) => applicationId))];
  const of = (id: string | undefined) => found.filter(({ applicationId }) => applicationId === id);
  const others = ids.slice(1, OTHERS_SHOWN).map((id) => {
    return `${id} ${of(id)[0]?.scenario}: ${of(id).map(({ field }) => field)}`;
  });
  return [
    `seed "${SEED}": ${ids.length} applicants differ, the first: ${JSON.stringify(of(ids[0]), null, 2)}`,
    ...others,
  ].join('\n');
}

describe('gateways and lenders that lose, double, delay and mix up what they tell each other', () => {
  test('believe the same of every application, credit, card and loan in the end', () => {
    const found = disagreements(rest.applications, lines);
    expect(found.length, shown(found)).toBe(0);
  });

  test('refuse no event but those of a time that had been over', () => {
    expect(installation.refused).toEqual([]);
    expect(lines.filter(({ unsent }) => unsent > 0)).toEqual([]);
  });

  test('answer partners nothing unexpected, and one application to each reference', () => {
    expect(line.unexpected).toEqual([]);
    const lost = desk.courses.filter(({ applicationId }) => !rest.applications.has(applicationId ?? ''));
    expect(lost.map(({ applicant }) => `${applicant.no} ${applicant.story}`)).toEqual([]);
    expect(rest.applications.size).toBe(APPLICANTS);
  });

  test('come to rest: nothing waits, nothing was given up, nothing is parked or told twice', async () => {
    const nothing = { pending: 0, dead: 0, deadBecause: [], sealedMessages: 0, parked: 0 };
    expect(await leftOver(records, rest)).toEqual(nothing);
    expect(toldTwiceIn(rest.events)).toEqual([]);
    expect(installation.post.replaysTaken).toEqual([]);
  });

  test('leave a log that comes to every application by itself', async () => {
    const { applications, differing } = await checkApplications({ ...records, nowMs: installation.clock.nowMs() });
    expect(applications).toBe(rest.applications.size);
    expect(differing.slice(0, 3)).toEqual([]);
  });

  test('agree on the totals of every day', async () => {
    const { told, differing } = await compareDays(records, installation, days);
    expect(told).toBeGreaterThan(LONGEST_MONTHS * 30);
    expect(differing).toEqual([]);
  });

  test.each(['acme', 'summit'])('have earned %s every commission once', async (partnerId) => {
    const lines = await commissionsOf(records, partnerId);
    expect(earningsInBooks(lines, rest.events)).toEqual(earningsOf(rest.events, partnerId));
  });
});
