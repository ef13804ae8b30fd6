import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkApplications } from '../../src/applications/rebuild/check-applications.ts';
import { RegistrationStore, rebuildRegistration } from '../../src/attribution/registration-store.ts';
import { ALL_SHARDS } from '../../src/base/ids.ts';
import { createPeople, type Person } from '../../src/demo/people.ts';
import { createRandom } from '../../src/demo/random.ts';
import { readLog } from '../../src/events/log.ts';
import { KIOSK } from '../support/kiosk.ts';
import { ReferralTown, subjectOf } from '../support/referral-town.ts';

const SEED = process.env.SLUICE_HISTORIES_SEED ?? 'histories of attribution';
const STEPS = Number(process.env.SLUICE_HISTORIES_STEPS ?? 80);
const PEOPLE = 12;
const PARTNERS = ['acme', 'summit', 'lantern', 'kiosk'];
const PAGES = ['acme-home', 'lantern-quick', 'kiosk-page'];
const LINKS = [...PAGES, 'kiosk-app'];

const random = createRandom(SEED);

/** Somebody with what happened to them so far. */
interface Somebody {
  readonly person: Person;
  readonly clicks: string[];
  readonly handoffs: string[];
  readonly applications: string[];
}

let town: ReferralTown;
let somebodies: Somebody[];
const registrations: string[] = [];
const done = new Set<string>();

beforeAll(async () => {
  // Some go by the first touch, with windows of their own.
  const attribution = (file: { attribution?: object }, changes: object) => {
    file.attribution = { ...file.attribution, ...changes };
  };
  town = await ReferralTown.start(
    { 'traffic/lantern/partner.yaml': (file) => attribution(file, { first_or_last: 'first', click_max_days: 7 }) },
    [{ ...KIOSK, attribution: { click_min_seconds: 0, first_or_last: 'last' } }],
  );
  const people = createPeople(SEED, new Date());
  somebodies = Array.from({ length: PEOPLE }, () => {
    return { person: people.next(), clicks: [], handoffs: [], applications: [] };
  });
});
afterAll(() => town.stop());

/** What may be said of how somebody came: their own, somebody else's, nothing. */
function named({ clicks, handoffs }: Somebody): object {
  const other = random.pick(somebodies);
  const click_id = random.pick([...clicks, ...other.clicks, null, null]);
  return { click_id, handoff_id: random.pick([...handoffs, ...other.handoffs, null, null]) };
}

function applied(): readonly string[] {
  return [...new Set(somebodies.flatMap(({ applications }) => applications))];
}

/** Everything that can happen to somebody; each answers whether it did. */
const STEPS_OF: Readonly<Record<string, (one: Somebody) => Promise<boolean>>> = {
  async clicks(one) {
    one.clicks.push(await town.click(random.pick(LINKS)));
    return true;
  },
  async waits() {
    await town.gateway.clock(random.pick(['1m', '2h', '3d', '9d', '31d']));
    return true;
  },
  async isHandedOver(one) {
    one.handoffs.push(await town.handOver(random.pick([town.gateway.acme, town.gateway.summit]), one.person));
    return true;
  },
  async isPrechecked({ person }) {
    const subject = subjectOf(person);
    const { status } = await town.gateway.summit.post('/v1/prechecks', {
      product_id: 'quick-cash',
      subject,
      reserve: true,
    });
    return status === 200;
  },
  async isSubmitted(one) {
    const { id, status } = await town.submit(
      random.pick([town.gateway.acme, town.gateway.summit]),
      one.person,
      named(one),
    );
    one.applications.push(id);
    return status === 'received';
  },
  async appliesOnPage(one) {
    one.applications.push(await town.applyByLink(random.pick(PAGES), one.person, random.pick(['1m', '1m', '2h'])));
    return true;
  },
  async registers(one) {
    registrations.push((await town.register(subjectOf(one.person), named(one))).id);
    return true;
  },
  async appliesAtLender(one) {
    one.applications.push((await town.applyAtLender(subjectOf(one.person), named(one))).id);
    return true;
  },
  async borrows() {
    const id = random.pick(applied());
    await town.gateway.settle();
    const { status } = await town.read(`/admin/v1/applications/${id}`);
    if (status !== 'submitted') return false;
    await town.lend(id, random.pick([0, 150_000, 200_000]), [1_500, 700]);
    return true;
  },
  async isDeclined() {
    const application_id = random.pick(applied());
    await town.gateway.settle();
    const data = { reason: 'policy', retry_at: await town.now() };
    return (await town.lender.tell('credit.declined', { application_id }, data)).result === 'applied';
  },
};

type Line = { readonly id: string; readonly application_id: string | null };

async function commissionsOf(partnerId: string): Promise<Line[]> {
  const lines: Line[] = [];
  for (let cursor = ''; ; ) {
    const page = await town.read(`/admin/v1/partners/${partnerId}/commissions?limit=200${cursor}`);
    lines.push(...page.data);
    if (page.next_cursor === null) return lines;
    cursor = `&cursor=${page.next_cursor}`;
  }
}

async function verdictsById(): Promise<Map<string, { partner_id: string | null; rule: string }>> {
  const verdicts = new Map<string, { partner_id: string | null; rule: string }>();
  const note = (id: string, { winner, rule }: { winner: { partner_id: string } | null; rule: { name: string } }) =>
    verdicts.set(id, { partner_id: winner?.partner_id ?? null, rule: rule.name });
  for (const id of applied()) {
    note(id, (await town.read(`/admin/v1/applications/${id}/attribution`)).verdict);
  }
  for (const id of registrations) note(id, (await town.read(`/admin/v1/registrations/${id}`)).verdict);
  return verdicts;
}

test(`every commission’s partner equals its verdict, and nobody is paid for what is direct (seed: ${SEED})`, async () => {
  // In turn, so that a short run has all of it too.
  const steps = Object.entries(STEPS_OF);
  for (let step = 0; step < STEPS; step += 1) {
    const [name, happen] = steps[step % steps.length] ?? steps[0] ?? ['', async () => false];
    if (await happen(random.pick(somebodies))) done.add(name);
  }
  await town.gateway.settle();
  // The run is worth nothing unless everything happened.
  expect([...done].sort()).toEqual(steps.map(([name]) => name).sort());

  const verdicts = await verdictsById();
  const rules = new Set([...verdicts.values()].map(({ rule }) => rule));
  expect([...rules].sort()).toEqual(['claim', 'direct', 'submission', 'touch']);

  let lines = 0;
  for (const partnerId of PARTNERS) {
    for (const { id, application_id } of await commissionsOf(partnerId)) {
      lines += 1;
      expect(verdicts.get(application_id ?? '')?.partner_id, `${id} of ${application_id}`).toBe(partnerId);
    }
  }
  expect(lines).toBeGreaterThan(3);
});

test('the log alone rebuilds every application and registration with its verdict', async () => {
  const { redis: client, keys, gateway } = town.gateway;
  const { store } = gateway.rooms;
  const checked = await checkApplications({ client, keys, store, nowMs: Date.parse(await town.now()) });
  expect(checked.differing).toEqual([]);
  const stored = new RegistrationStore(client, keys);
  const logs = await Promise.all(ALL_SHARDS.map((shard) => readLog(client, keys, shard, '0-0', 10_000)));
  const rebuilt = logs.flat().flatMap((event) => rebuildRegistration(event) ?? []);
  expect(rebuilt.map(({ id }) => id).sort()).toEqual([...new Set(registrations)].sort());
  for (const registration of rebuilt) expect(registration).toEqual(await stored.load(registration.id));
});
