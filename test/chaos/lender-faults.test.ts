import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SECOND_MS } from '../../src/base/clock.ts';
import type { StateLine } from '../../src/sandbox/core/read-states.ts';
import { type AtRest, readAtRest } from '../support/at-rest.ts';
import { inventApplicants } from '../support/faults/applicant.ts';
import { FAULTY_LENDERS, type FaultInstallation, startFaultInstallation } from '../support/faults/fault-installation.ts';
import { FaultPlan } from '../support/faults/fault-plan.ts';
import { comeToRest, playWorld } from '../support/faults/fault-world.ts';
import { type Disagreement, disagreements } from '../support/faults/lender-agreement.ts';
import { PartnerDesk } from '../support/faults/partner-desk.ts';
import { PartnerLine } from '../support/faults/partner-line.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';

/** `SLUICE_FAULT_APPLICANTS=10000` for the whole proof, `SLUICE_FAULT_SEED=…` for another or the same again. */
const APPLICANTS = Number(process.env.SLUICE_FAULT_APPLICANTS ?? 150);
const SEED = process.env.SLUICE_FAULT_SEED ?? 'lender faults';
/** Of loans. A short run passes the end of shorter ones. */
const LONGEST_MONTHS = APPLICANTS < 1_000 ? 6 : 12;
const LIMIT_MS = 120 * SECOND_MS + APPLICANTS * SECOND_MS;

let installation: FaultInstallation;
let line: PartnerLine;
let desk: PartnerDesk;
let pushes: FaultPlan;
let events: FaultPlan;
let after: TestGateway;
let rest: AtRest;
let lines: StateLine[];
let kills = 0;

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
  const { registry } = installation;
  line = new PartnerLine(installation.urls);
  desk = new PartnerDesk(line);
  const acts: [number, () => Promise<void> | void][] = [
    [0.15, () => kill(() => installation.killGateway(0))],
    [0.25, () => pushes.breakDown(2_500)],
    [0.4, () => kill(() => installation.killRedis(700))],
    [0.55, () => kill(() => installation.killGateway(1))],
    [0.8, () => kill(() => installation.killGateway(0))],
  ];
  const acting: Promise<void>[] = [];
  await playWorld(installation, desk, {
    applicants: inventApplicants(registry, { seed: SEED, count: APPLICANTS, longestMonths: LONGEST_MONTHS }),
    arrivalDays: 5,
    afterDays: LONGEST_MONTHS * 34,
    stepDays: 2,
    atOnce: 24,
    meanwhile: (share) => {
      for (const [at, act] of acts.splice(0, acts.filter(([at]) => at <= share).length)) {
        void at;
        acting.push(Promise.resolve(act()));
      }
    },
  });
  await Promise.all(acting);
  pushes.quieten();
  events.quieten();
  await comeToRest(installation);
  after = await startTestGateway({ variables: installation.variables });
  await after.settle();
  await installation.stopGateways();
  rest = await readAtRest(after);
  lines = (await Promise.all(FAULTY_LENDERS.map(statesOf))).flat();
  process.stdout.write(`${summary(Date.now() - startedMs)}\n`);
}, LIMIT_MS);

afterAll(async () => {
  await after?.stop();
  await installation?.stop();
});

async function kill(act: () => Promise<void>): Promise<void> {
  kills += 1;
  await act();
}

/** What a lender believes of everybody. */
async function statesOf(lenderId: string): Promise<StateLine[]> {
  const found: StateLine[] = [];
  for (let after = ''; ; ) {
    const response = await fetch(`${installation.lenders.coreUrl(lenderId)}/state?limit=500&after=${after}`);
    const text = await response.text();
    found.push(...text.split('\n').filter(Boolean).map((one) => JSON.parse(one) as StateLine));
    const next = response.headers.get('next-after');
    if (next === null) return found;
    after = next;
  }
}

function summary(tookMs: number): string {
  const counts = (plan: FaultPlan): string => [...plan.injected].map(([kind, times]) => `${kind} ${times}`).join(', ');
  const { pushes: pushed, events: posted } = installation.requests();
  const refusals = [...line.refusals].map(([code, times]) => `${code} ${times}`).join(', ');
  const counted = (texts: readonly string[]): string => {
    const counts = new Map<string, number>();
    for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
    return [...counts].map(([text, times]) => `${text} ${times}`).join(', ');
  };
  const applications = [...rest.applications.values()];
  return [
    `  applications: ${counted(applications.map(({ status, reason }) => `${status}${status === 'refused' ? `/${reason}` : ''}`))}`,
    `  loans: ${counted(applications.flatMap(({ loans }) => loans.map(({ status }) => status)))}; cards ${applications.flatMap(({ cards = [] }) => cards).length}`,
    `lender faults, seed "${SEED}": ${APPLICANTS} applicants in ${Math.round(tookMs / SECOND_MS)} s, ${kills} kills, ${rest.events.length} events in the log`,
    `  ${pushed} requests to cores: ${counts(pushes)}`,
    `  ${posted} requests from lenders: ${counts(events)}`,
    `  ${line.asked} requests of partners: ${line.unavailable} × 503, ${line.broken} broken; ${refusals}`,
  ].join('\n');
}

/** The first applicant on whom the two sides differ, with both sides. */
function firstOf(found: readonly Disagreement[]): string {
  const [first] = found;
  if (!first) return '';
  const { applicationId } = first;
  const own = found.filter((one) => one.applicationId === applicationId);
  const applicants = new Set(found.map((one) => one.applicationId)).size;
  return `seed "${SEED}": ${applicants} applicants differ, the first: ${JSON.stringify(own, null, 2)}`;
}

describe('gateways and lenders that lose, double, delay and mix up what they tell each other', () => {
  test('believe the same of every application, credit, card and loan in the end', () => {
    const found = disagreements(rest.applications, lines);
    expect(found.length, firstOf(found)).toBe(0);
  });

  test('refuse no event but those of a time that had been over', () => {
    expect(installation.refused).toEqual([]);
    expect(lines.filter(({ unsent }) => unsent > 0)).toEqual([]);
  });

  test('answer partners nothing unexpected', () => {
    expect(line.unexpected).toEqual([]);
  });
});
