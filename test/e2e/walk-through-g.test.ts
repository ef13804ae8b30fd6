import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPeople, type Person } from '../../src/demo/people.ts';
import { bothEntries, listsClient } from '../support/lists-wire.ts';
import type { PartnerClient } from '../support/partner-door.ts';
import { ReferralTown, subjectOf } from '../support/referral-town.ts';

const A = 'acme';
const B = 'summit';
const C = 'lantern';
const people = createPeople('walk-through G', new Date());

let town: ReferralTown;

beforeAll(async () => {
  town = await ReferralTown.start();
});
afterAll(() => town.stop());

interface Row {
  readonly facts: string;
  /** Does what came before, and answers what the lender reports along with the application. */
  prepare(person: Person): Promise<object>;
  readonly winner: string | null;
  readonly via: string | null;
  readonly reason: string;
  readonly rule: number;
  /** Every candidate as an operator sees it: partner, contact, why; the winner first. */
  readonly candidates: readonly (readonly [partner: string | null, kind: string, why: string])[];
  readonly says: RegExp;
}

async function reservedByB({ phone, idNumber }: Person): Promise<void> {
  const subject = { phone, id_number: idNumber };
  const { body } = await town.gateway.summit.post('/v1/prechecks', {
    product_id: 'quick-cash',
    subject,
    reserve: true,
  });
  expect(body).toMatchObject({ decision: 'accept', reserved_until: expect.any(String) });
}

const rows: readonly Row[] = [
  {
    facts: 'the app returns A’s click_id, 3 days old; B prechecked only: A, via link; B is listed and lost',
    async prepare(person) {
      const click_id = await town.click('acme-home');
      await town.gateway.clock('3d');
      await reservedByB(person);
      return { click_id };
    },
    winner: A,
    via: 'click',
    reason: 'last_touch',
    rule: 3,
    candidates: [
      [A, 'click', 'last_touch'],
      [B, 'precheck', 'precheck_is_not_a_touch'],
    ],
    says: /^It goes to you: the click 3 days before was the last contact that counts/,
  },
  {
    facts: 'as above, and B’s hand-off was redeemed yesterday: B, via hand-off, the last valid touch',
    async prepare(person) {
      const click_id = await town.click('acme-home');
      await town.gateway.clock('2d');
      await town.handOver(town.gateway.summit, person);
      await town.gateway.clock('1d');
      await reservedByB(person);
      return { click_id };
    },
    winner: B,
    via: 'handoff',
    reason: 'last_touch',
    rule: 3,
    candidates: [
      [B, 'handoff', 'last_touch'],
      [A, 'click', 'older_touch'],
      [B, 'precheck', 'precheck_is_not_a_touch'],
    ],
    says: /^It goes to you: the hand-off 1 day before was the last contact that counts/,
  },
  {
    facts: 'no id is returned, A’s click was bound on /apply by the verified phone: A',
    async prepare(person) {
      const id = await town.applyByLink('acme-home', person);
      expect(await town.read(`/admin/v1/applications/${id}`)).toMatchObject({ status: 'refused', reason: 'blocked' });
      return {};
    },
    winner: A,
    via: 'click',
    reason: 'last_touch',
    rule: 3,
    candidates: [[A, 'click', 'last_touch']],
    says: /^It goes to you: the click 1 minute before/,
  },
  {
    facts: 'no id, never bound; B’s reservation is live: direct, no commission; what is known is kept with why',
    async prepare(person) {
      await town.click('acme-home');
      await town.gateway.clock('1m');
      await reservedByB(person);
      return {};
    },
    winner: null,
    via: null,
    reason: 'direct',
    rule: 4,
    candidates: [[B, 'precheck', 'precheck_is_not_a_touch']],
    says: /^Direct: no contact that counts brought the applicant/,
  },
  {
    facts: 'C had a live claim, its application in review: C, by existing claim',
    async prepare(person) {
      const application_id = await town.applyByLink('lantern-quick', person);
      await town.gateway.settle();
      await town.lender.tellAll({ application_id }, ['application.in_review']);
      const click_id = await town.click('acme-home');
      await town.gateway.clock('1d');
      return { click_id };
    },
    winner: C,
    via: 'lender',
    reason: 'existing_claim',
    rule: 1,
    candidates: [
      [C, 'claim', 'existing_claim'],
      [A, 'click', 'existing_claim'],
      [C, 'click', 'existing_claim'],
    ],
    says: /^It goes to partner lantern: the applicant already belonged there at this lender, since 1 day before/,
  },
  {
    facts: 'A’s click is 10 s old, click_min_seconds 15: A loses, below its window; direct',
    async prepare() {
      const click_id = await town.click('acme-home');
      const applied_at = await town.now(10_000);
      await town.gateway.clock('1m');
      return { click_id, applied_at };
    },
    winner: null,
    via: null,
    reason: 'direct',
    rule: 4,
    candidates: [[A, 'click', 'below_lookback']],
    says: /^Direct: no contact that counts/,
  },
];

const clients = (): Readonly<Record<string, PartnerClient>> => ({ [A]: town.gateway.acme, [B]: town.gateway.summit });

describe('walk-through G: a click on A’s link, a precheck by B, the application in the lender’s app', () => {
  test.each(rows.map((row) => [row.facts, row] as const))('%s', async (_, row) => {
    const person = people.next();
    // Somebody on a list, so that the page refuses them and claims nobody.
    if (row.facts.includes('bound on /apply')) await block(person);
    const named = await row.prepare(person);
    const { id, attribution } = await town.applyAtLender(subjectOf(person), named);
    expect(attribution).toEqual({ partner_id: row.winner, via: row.via, reason: row.reason });

    const whole = await town.read(`/admin/v1/applications/${id}/attribution`);
    const { verdict } = whole;
    expect(whole.simulation).toBeNull();
    expect(verdict.winner?.partner_id ?? null).toBe(row.winner);
    expect(verdict.rule.position).toBe(row.rule);
    type Candidate = { partner_id: string | null; touch: { kind: string }; why: string; why_text: string };
    const told = verdict.candidates.map((one: Candidate) => [one.partner_id, one.touch.kind, one.why]);
    expect(told).toEqual(row.candidates);
    expect(verdict.terms).toEqual(row.winner === null ? {} : { main: `${row.winner}-2026` });

    for (const [partnerId, client] of Object.entries(clients())) {
      const { status, body } = await client.get(`/v1/applications/${id}/attribution`);
      expect(status, partnerId).toBe(partnerId === row.winner ? 200 : 404);
      if (status !== 200) continue;
      expect(body.explanation).toMatch(row.says);
      expect(body.candidates.map((one: Candidate) => one.why)).toEqual(row.candidates.map(([, , why]) => why));
      const others = [A, B, C].filter((one) => one !== partnerId);
      for (const other of others) expect(JSON.stringify(body)).not.toContain(other);
    }
    if (!(row.winner !== null && row.winner in clients())) expect(verdict.explanation).toMatch(row.says);
    expect((await town.read(`/admin/v1/applications/${id}`)).owner_id).toBe(row.winner);
  });
});

async function block(person: Person): Promise<void> {
  const { contribute } = listsClient(town.gateway.operator, '/admin/v1');
  const { status, body } = await contribute(...bothEntries(person, 'case-g'));
  expect(status).toBe(200);
  expect(body.results).toMatchObject([{ result: 'created' }, { result: 'created' }]);
}
