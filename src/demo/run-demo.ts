import { isoOf } from '../base/clock.ts';
import type { Registry } from '../registry/registry.ts';
import type { SigningKey } from '../trust/import-key.ts';
import type { JsonWebKeySet } from '../trust/our-keys.ts';
import { PublishedKeys } from '../trust/published-keys.ts';
import { castErrands, PARTNERS, PLATFORMS, type PlatformId } from './cast-errands.ts';
import { closeMonths } from './close-months.ts';
import { type CheckedStatement, collectStatements } from './collect-statements.ts';
import { crossCheck } from './cross-check.ts';
import { type DemoCalendar, demoCalendar, shownInstant } from './demo-calendar.ts';
import { type DrawnLoan, drawDownGranted, type Round } from './draw-down.ts';
import { HttpExchange } from './http-exchange.ts';
import type { Narrator } from './narrator.ts';
import { OperatorClient } from './operator-client.ts';
import { PartnerClient } from './partner-client.ts';
import { readFunnels } from './read-funnels.ts';
import { reportTables } from './report-tables.ts';
import { type Players, type Sendings, sendApplicants } from './send-applicants.ts';

export interface DemoSettings {
  /** Public origin of a fresh gateway in sandbox mode. */
  readonly origin: string;
  readonly adminToken: string;
  readonly keys: Readonly<Record<PlatformId, SigningKey>>;
  /** The counterparty files that the gateway runs on. */
  readonly registry: Registry;
  /** The same seed and month give the same people. */
  readonly seed: string;
  readonly applicants: number;
  /** Gets a file a statement. */
  readonly statementsDir: string;
  readonly narrator: Narrator;
}

/** The sandbox lenders decide within two hours: some applicants are asked for more first. */
const DECIDED_WITHIN = '2h';
const PAID_OUT_WITHIN = '1h';

/** How many steps a run tells of. */
export const DEMO_STEPS = 6;

/**
 * Plays partners, applicants and an operator against a gateway, over HTTP as they would: from clicks and signed calls
 * through loans and two months of repayments to statements that verify. Prints what came out.
 * @returns what did not add up, in words; empty = all of it does
 * @throws DemoFault when the gateway answers otherwise than documented
 */
export async function runDemo(settings: DemoSettings): Promise<string[]> {
  const { registry, narrator, statementsDir } = settings;
  const players = playersOf(settings);
  try {
    const calendar = demoCalendar(await players.operator.now());
    const sent = await applicants(players, settings, calendar);
    const loans = await drawdowns(players, settings);
    loans.push(...(await months(players, registry, narrator, calendar)));
    narrator.step('Months closed', calendar.months.length * PARTNERS.length);
    await closeMonths(players, calendar.months, () => narrator.tick());
    narrator.done(calendar.months.map((month) => month.slice(0, 7)).join(', '));
    narrator.step('Checked');
    const statements = await collectStatements(players, statementsDir);
    const funnels = await readFunnels(players.operator);
    const faults = await crossCheck(players, { sent, loans, statements, funnels });
    narrator.done(checkedWords(players, statements, sent, loans));
    narrator.line(`\n${reportTables(funnels, statements, narrator.isTerminal)}\n`);
    return faults;
  } finally {
    const { operator, visitors, platforms } = players;
    await Promise.all([operator, visitors, ...Object.values(platforms)].map((player) => player.close()));
  }
}

function playersOf({ origin, adminToken, keys }: DemoSettings): Players {
  const gatewayKeys = new PublishedKeys(async () => {
    const response = await fetch(`${origin}/.well-known/jwks.json`);
    return (await response.json()) as JsonWebKeySet;
  });
  return {
    origin,
    operator: new OperatorClient(origin, adminToken),
    platforms: {
      acme: new PartnerClient('acme', origin, keys.acme, gatewayKeys),
      summit: new PartnerClient('summit', origin, keys.summit, gatewayKeys),
    },
    visitors: new HttpExchange(),
  };
}

async function applicants(players: Players, settings: DemoSettings, calendar: DemoCalendar): Promise<Sendings> {
  const { registry, seed, applicants: count, narrator } = settings;
  const nowMs = await players.operator.moveClock({ to: isoOf(calendar.startMs) });
  const errands = castErrands(registry, { seed, count, nowMs });
  narrator.step('People apply', errands.length);
  const sent = await sendApplicants(players, errands, () => narrator.tick());
  const { answered, prechecks, heldBack, clicks } = sent;
  const kept = heldBack === 0 ? '' : `, ${heldBack} of them refused`;
  narrator.done(`${clicks} clicks, ${prechecks} prechecks${kept}, ${answered.length} applications`);
  return sent;
}

async function drawdowns(players: Players, { registry, narrator }: DemoSettings): Promise<DrawnLoan[]> {
  narrator.step('Lenders decide, platforms draw down');
  await players.operator.moveClock({ advance: DECIDED_WITHIN });
  const loans = await drawDown(players, registry, 1);
  await players.operator.moveClock({ advance: PAID_OUT_WITHIN });
  narrator.done(`${loans.length} loans asked for by API`);
  return loans;
}

async function months(
  { operator, ...players }: Players,
  registry: Registry,
  narrator: Narrator,
  { firstMonth, secondMonth }: DemoCalendar,
): Promise<DrawnLoan[]> {
  narrator.step('Two months pass', firstMonth.length + secondMonth.length);
  const moveTo = async (stops: readonly number[]) => {
    for (const stop of stops) {
      await operator.moveClock({ to: isoOf(stop) });
      narrator.tick();
    }
  };
  await moveTo(firstMonth);
  const loans = await drawDown({ operator, ...players }, registry, 2);
  await moveTo(secondMonth);
  narrator.done(`it is ${shownInstant(await operator.now())}; ${loans.length} more loans on revolving limits`);
  return loans;
}

async function drawDown({ platforms }: Players, registry: Registry, round: Round): Promise<DrawnLoan[]> {
  return (await Promise.all(PLATFORMS.map((id) => drawDownGranted(platforms[id], registry, round)))).flat();
}

function checkedWords(
  { platforms }: Players,
  statements: readonly CheckedStatement[],
  sent: Sendings,
  loans: readonly DrawnLoan[],
): string {
  const answers = PLATFORMS.reduce((sum, id) => sum + platforms[id].verifiedAnswers, 0);
  const verified = statements.filter(({ faults }) => faults.length === 0).length;
  return (
    `${verified} of ${statements.length} statements verified offline; ledger balances, ` +
    `${sent.answered.length} applications and ${loans.length} loans looked up; ${answers} signed answers verified`
  );
}
