import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Application } from '../../src/applications/model.ts';
import { businessDay } from '../../src/base/business-day.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/base/clock.ts';
import { DEFAULT_TIMEZONE } from '../../src/registry/schema/scalars.ts';
import type { CommissionLine } from '../../src/revenue/commission-line.ts';
import { type AtRest, keepsItsPeople, readAtRest, tokensOf } from '../support/at-rest.ts';
import { openIntents } from '../support/every-event.ts';
import { toldTwice } from '../support/expected-lines.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { shippedRegistry } from '../support/intake.ts';
import { countClaimRefusals, givenAway, type ReservationsSeen, refusedForNobody } from '../support/judge-rest.ts';
import { until } from '../support/key-gateways.ts';
import { playChaos } from '../support/mixed-chaos.ts';
import { earningsInBooks, earningsInLog } from '../support/mixed-earnings.ts';
import { MixedLoad } from '../support/mixed-load.ts';
import { BLUEWAVE_A_DAY, LANTERN_A_DAY, MIXED_PARTNERS, writeMixedPartners } from '../support/mixed-partners.ts';
import { PatientClient } from '../support/patient-client.ts';
import { type SharedInstallation, startSharedInstallation } from '../support/shared-installation.ts';

/** `SLUICE_CHAOS_SECONDS=60` for a long run. */
const LASTS_MS = Number(process.env.SLUICE_CHAOS_SECONDS ?? 20) * SECOND_MS;
const AGAIN = 60;

let installation: SharedInstallation;
let client: PatientClient;
let load: MixedLoad;
let faults: readonly string[];
/** A gateway in this process, started when the load has ended, so that what lies behind the doors can be looked at. */
let after: TestGateway;
let rest: AtRest;

beforeAll(async () => {
  installation = await startSharedInstallation(writeMixedPartners);
  client = new PatientClient(installation.urls);
  load = new MixedLoad(client, await shippedRegistry(), 'mixed load');
  faults = await playChaos(installation, load, LASTS_MS);
  after = await startTestGateway({ variables: installation.variables });
  await until(async () => (await openIntents(after.redis, after.keys)).length === 0, 20_000);
  await after.settle();
  await installation.stopGateways();
  rest = await readAtRest(after);
  process.stdout.write(`${summary()}\n`);
}, LASTS_MS + 90_000);

afterAll(async () => {
  await after?.stop();
  await installation?.stop();
});

/** Counts of the whole run in one line. */
function summary(): string {
  const reasons = new Map<string, number>();
  let accepted = 0;
  for (const { status, reason } of rest.applications.values()) {
    if (status === 'refused') reasons.set(reason ?? '', (reasons.get(reason ?? '') ?? 0) + 1);
    else accepted += 1;
  }
  const refused = [...reasons].map(([reason, count]) => `${reason} ${count}`).join(', ');
  return (
    `mixed load of ${LASTS_MS / SECOND_MS} s: ${load.prechecks} prechecks (${load.reservations.length} reservations), ` +
    `${load.answered.length} submissions, ${rest.applications.size} applications, ${accepted} accepted, refused: ${refused}; ` +
    `${load.loans.length} drawdowns; ${client.unavailable} × 503, ${client.broken} broken connections, ${client.retries} retries, ${client.givenUp} given up`
  );
}

/** Applications that were not refused. */
function accepted(): Application[] {
  return [...rest.applications.values()].filter(({ status }) => status !== 'refused');
}

function reservationsSeen(): ReservationsSeen {
  return { reservations: load.reservations, tokenizer: after.gateway.rooms.intake.tokenizer };
}

async function linesOf(partnerId: string): Promise<CommissionLine[]> {
  const lines = new Map<string, CommissionLine>();
  for await (const line of after.gateway.rooms.ledger.allLines(partnerId)) lines.set(line.id, line);
  return [...lines.values()];
}

describe('two gateways on one Redis, all of which are killed under a mixed load', () => {
  test('answer every request in the end, and nothing but 503 before', () => {
    expect(client.unexpected).toEqual([]);
    expect(client.retries).toBeGreaterThan(0);
    expect(load.prechecks).toBeGreaterThan(50);
    expect(load.answered.length).toBeGreaterThan(50);
    expect(accepted().length).toBeGreaterThan(5);
  });

  test('lose nothing that was answered: what was accepted stays so, what was refused too', () => {
    const changed = load.answered.filter(({ id, isRefused }) => {
      const status = rest.applications.get(id)?.status;
      return status === undefined || status === 'screening' || (status === 'refused') !== isRefused;
    });
    expect(changed).toEqual([]);
  });

  test('answer one reference with one application, during the chaos and after it', async () => {
    expect(load.contradictions).toEqual([]);
    const byReference = new Map<string, Set<string>>();
    for (const { partnerId, input, id } of load.answered) {
      const reference = `${partnerId} ${input.partner_ref}`;
      byReference.set(reference, (byReference.get(reference) ?? new Set()).add(id));
    }
    expect([...byReference.values()].filter((ids) => ids.size !== 1)).toEqual([]);
    const again = new PatientClient([after.url]);
    for (const { partnerId, input, id, isRefused } of load.answered.slice(-AGAIN)) {
      const answer = await again.ask(partnerId, 'POST', '/v1/applications', { body: input, expected: 201 });
      expect(answer?.body.id).toBe(id);
      expect(answer?.body.status === 'refused').toBe(isRefused);
      expect(answer?.headers.get('idempotent-replayed')).toBe('true');
    }
    expect(again.unexpected).toEqual([]);
  });

  test('never give one person at one lender to two partners', () => {
    const nowMs = after.gateway.rooms.intake.clock.nowMs();
    const owners = new Map<string, Application[]>();
    for (const application of accepted().filter((one) => keepsItsPeople(one, nowMs))) {
      for (const token of application.subject.claims) {
        const place = `${application.lender_id} ${token}`;
        owners.set(place, [...(owners.get(place) ?? []), application]);
      }
    }
    const shared = [...owners.values()].filter((open) => open.length > 1);
    expect(shared.map((open) => open.map(({ id, owner_id, status }) => `${id} ${owner_id} ${status}`))).toEqual([]);
  });

  test('refuse nobody in favour of nobody', () => {
    expect(countClaimRefusals(rest)).toBeGreaterThan(5);
    expect(refusedForNobody(rest, reservationsSeen())).toEqual([]);
  });

  test('leave a claim with everybody who was accepted, and with nobody else', () => {
    const dangling = rest.claims.filter(({ ownerId }) => {
      const status = rest.applications.get(ownerId)?.status;
      return status === undefined || status === 'refused' || status === 'screening';
    });
    expect(dangling.map((claim) => ({ ...claim, status: rest.applications.get(claim.ownerId)?.status }))).toEqual([]);
    const ownerOf = new Map(rest.claims.map(({ lenderId, token, ownerId }) => [`${lenderId} ${token}`, ownerId]));
    for (const application of accepted()) {
      for (const token of tokensOf(application)) {
        expect(ownerOf.get(`${application.lender_id} ${token}`), application.id).toBe(application.id);
      }
    }
  });

  test('keep whom a partner has reserved, until the reservation ends and no longer', () => {
    expect(faults).toEqual([]);
    const nowMs = after.gateway.rooms.intake.clock.nowMs();
    const endless = rest.holds.filter(({ hold, leftMs }) => {
      return hold.until_ms > nowMs + 10 * MINUTE_MS || leftMs < 0 || leftMs > 15 * MINUTE_MS;
    });
    expect(endless).toEqual([]);
    expect(givenAway(rest, reservationsSeen())).toEqual([]);
  });

  test('count under each daily cap exactly who was accepted', () => {
    const expected = new Map<string, string[]>();
    const count = (cap: string, id: string): void => void expected.set(cap, [...(expected.get(cap) ?? []), id].sort());
    for (const { id, owner_id, lender_id, product_id, created_at } of accepted()) {
      const day = businessDay(Date.parse(created_at), DEFAULT_TIMEZONE);
      count(`${owner_id} partner ${day}`, id);
      count(lender_id === 'bluewave' ? `bluewave lender ${day}` : `quickcredit product ${product_id} ${day}`, id);
    }
    const counted = [...rest.places].map(([cap, ids]) => [cap, [...ids].sort()] as const);
    expect(Object.fromEntries(counted)).toEqual(Object.fromEntries(expected));
    for (const [cap, ids] of counted) {
      if (cap.startsWith('lantern')) expect(ids.length).toBeLessThanOrEqual(LANTERN_A_DAY);
      if (cap.startsWith('bluewave')) expect(ids.length).toBeLessThanOrEqual(BLUEWAVE_A_DAY);
    }
  });

  test('come to rest: no intent is left, nothing is parked, nothing was told twice', async () => {
    expect(await openIntents(after.redis, after.keys)).toEqual([]);
    expect(await after.gateway.workers.parkedSubjects()).toBe(0);
    expect(toldTwice(rest.events)).toEqual([]);
  });

  test('book every commission exactly once', async () => {
    await after.clock('35d');
    const { events } = await readAtRest(after);
    for (const partnerId of MIXED_PARTNERS) {
      expect(earningsInBooks(await linesOf(partnerId), events), partnerId).toEqual(earningsInLog(events, partnerId));
    }
    expect(events.filter(({ type }) => type === 'loan.disbursed').length).toBeGreaterThanOrEqual(load.loans.length);
  });
});
