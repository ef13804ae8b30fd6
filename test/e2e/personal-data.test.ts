import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '../../src/demo/people.ts';
import { hashForms } from '../../src/identity/hash-forms.ts';
import { keyIdOf } from '../../src/identity/seal.ts';
import { createDataDir } from '../support/gateway.ts';
import { applicationFor, nextPerson, shippedRegistry } from '../support/intake.ts';
import { type LoggedGateway, startLoggedGateway } from '../support/logged-gateway.ts';
import type { PartnerClient } from '../support/partner-door.ts';
import { operatorClient } from '../support/signed-client.ts';

const REASON = 'access request, ticket 4711';
const KEY_1 = `k1:${Buffer.alloc(32, 11).toString('base64')}`;
const KEY_2 = `k2:${Buffer.alloc(32, 22).toString('base64')}`;

let dataDir: string;
let gateway: LoggedGateway;

beforeAll(async () => {
  dataDir = createDataDir();
  gateway = await startLoggedGateway(dataDir, { SLUICE_LOG_LEVEL: 'info' });
});
afterAll(async () => {
  await gateway.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function apply(person: Person, ref: string): Promise<string> {
  const { status, body } = await gateway.acme.post(
    '/v1/applications',
    applicationFor(await shippedRegistry(), person, ref),
  );
  if (status !== 201) throw new Error(JSON.stringify(body));
  return body.id;
}

const advance = async (move: string): Promise<void> => {
  const { status, body } = await gateway.operator.post('/sandbox/clock', { advance: move });
  if (status !== 200) throw new Error(JSON.stringify(body));
};
const subjectOf = ({ phone, idNumber }: Person) => ({ phone, id_number: idNumber });
const ask = (verb: 'search' | 'export' | 'erase', subject: object, more: object = {}, as?: PartnerClient) =>
  (as ?? gateway.operator).post(`/admin/v1/subjects/${verb}`, { subject, reason: REASON, ...more });

async function operatorOf(role: string): Promise<PartnerClient> {
  const { status, body } = await gateway.operator.post('/admin/v1/operators', { name: `${role}-of-test`, role });
  expect(status).toBe(201);
  return operatorClient(gateway.url, body.token);
}

/** Log lines are written some at a time. */
async function lineWith(matches: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const found = gateway.lines().find(matches);
    if (found) return found;
    await delay(50);
  }
  throw new Error('there is no such line');
}

describe('a person who asks what is held about them', () => {
  const person = nextPerson('0001');
  let id: string;

  test('is found in any form without being shown, exported in full, and each opening is a line without them', async () => {
    id = await apply(person, 'PERSON-1');
    await advance('1m');
    const found = await ask('search', { id_number: { md5: hashForms(person.idNumber).md5 } });
    expect(found).toMatchObject({
      status: 200,
      body: {
        applications: [{ id, status: 'credit_declined', sealed: true, needed_for: null, matched: ['id_number'] }],
        applications_total: 1,
        claims: [{ lender_id: 'quickcredit', application_id: id, partner_id: 'acme' }],
      },
    });
    expect(found.body.applications[0].erase_at).toMatch(/^\d{4}-/);
    for (const plain of [person.phone, person.idNumber, person.name])
      expect(JSON.stringify(found.body)).not.toContain(plain);
    const { status, body, headers } = await ask('export', subjectOf(person));
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(body.applications).toMatchObject([
      {
        application: { id, status: 'credit_declined', erased_at: null },
        personal: { applicant: { name: person.name, phone: person.phone, id_number: person.idNumber } },
        passed_to: [
          { party: 'lender', id: 'quickcredit', what: 'personal_data' },
          { party: 'partner', id: 'acme', what: 'status' },
        ],
      },
    ]);
    const accessOf = (purpose: string) =>
      lineWith(({ access }) => {
        const given = access as { purpose?: string; application_id?: string } | undefined;
        return given?.purpose === purpose && given.application_id === id;
      });
    expect((await accessOf('lender_push')).access).toMatchObject({ actor: 'quickcredit', outcome: 'opened' });
    expect((await accessOf('operator_export')).access).toMatchObject({ actor: 'bootstrap', outcome: 'opened' });
  });

  test('is asked about by those roles alone that may, with a reason that does not show them', async () => {
    const [finance, support, risk] = [
      await operatorOf('finance'),
      await operatorOf('support'),
      await operatorOf('risk'),
    ];
    const subject = subjectOf(person);
    const statuses = async (as: PartnerClient) =>
      Promise.all((['search', 'export'] as const).map(async (verb) => (await ask(verb, subject, {}, as)).status));
    expect(await statuses(finance)).toEqual([403, 403]);
    expect(await statuses(support)).toEqual([200, 403]);
    expect(await statuses(risk)).toEqual([200, 200]);
    expect((await ask('erase', subject, {}, support)).status).toBe(403);
    expect((await ask('erase', subject, { force: true }, risk)).status).toBe(403);
    for (const reason of ['', '   ', 'x'.repeat(501), `asked by ${person.phone}`, undefined]) {
      const refused = await ask('search', subject, { reason });
      expect([refused.status, refused.body.errors?.[0]?.pointer], String(reason)).toEqual([422, '/reason']);
    }
    const masked = await ask('search', { phone: { masked: '13800138***' } });
    expect(masked).toMatchObject({ status: 422, body: { errors: [{ pointer: '/subject' }] } });
  });

  test('is erased, which the application shows and the audit log tells, by token and reason', async () => {
    const erased = await ask('erase', subjectOf(person));
    expect(erased).toMatchObject({ status: 200, body: { applications: [{ id, result: 'erased', reason: null }] } });
    expect(erased.body.kept.map(({ what }: { what: string }) => what)).toContain('claims');
    expect((await gateway.operator.get(`/admin/v1/applications/${id}`)).body.erased_at).toMatch(/^\d{4}-/);
    expect((await ask('export', subjectOf(person))).body.applications).toMatchObject([
      { personal: null, unreadable: null },
    ]);
    const again = await ask('erase', subjectOf(person));
    expect(again.body.applications).toEqual([{ id, result: 'already_erased', reason: null, needed_for: null }]);
    const same = await gateway.acme.post(
      '/v1/applications',
      applicationFor(await shippedRegistry(), person, 'PERSON-1'),
    );
    expect(same).toMatchObject({ status: 201, body: { id, status: 'credit_declined' } });
    const { body } = await gateway.operator.get('/admin/v1/audit?limit=200');
    const acts = (body.data as { action: string; outcome: string; object: { id: string }; reason: string }[]).filter(
      ({ action, outcome }) => action.startsWith('subject.') && outcome === 'done',
    );
    expect(new Set(acts.map(({ action }) => action))).toEqual(
      new Set(['subject.searched', 'subject.exported', 'subject.erased']),
    );
    expect(new Set(acts.map(({ reason }) => reason))).toEqual(new Set([REASON]));
    for (const { object } of acts) expect(object.id).toMatch(/^[A-Za-z0-9_-]{22}$/);
    for (const plain of [person.phone, person.idNumber]) expect(JSON.stringify(body)).not.toContain(plain);
  });
});

describe('data whose time is over', () => {
  test('is erased as the clock passes, the rest of the application stays; what runs is kept on request too', async () => {
    const over = nextPerson('0001');
    const running = nextPerson('0003');
    const overId = await apply(over, 'OVER-1');
    const runningId = await apply(running, 'RUNNING-1');
    await advance('1m');
    const due = (await ask('search', subjectOf(over))).body.applications[0].erase_at;
    await advance('29d');
    expect((await ask('search', subjectOf(over))).body.applications[0]).toMatchObject({ sealed: true, erase_at: due });
    await advance('2d');
    const [after] = (await ask('search', subjectOf(over))).body.applications;
    expect(after).toMatchObject({ id: overId, status: 'credit_declined', sealed: false, erase_at: null });
    expect(Math.abs(Date.parse(after.erased_at) - Date.parse(due))).toBeLessThan(3_600_000);
    expect((await ask('erase', subjectOf(running))).body.applications).toEqual([
      { id: runningId, result: 'kept', reason: 'in_use', needed_for: 'being_decided' },
    ]);
    expect((await ask('erase', subjectOf(running), { force: true })).body.applications).toMatchObject([
      { result: 'erased' },
    ]);
  });
});

describe('a rotation of the sealing key', () => {
  const people = Array.from({ length: 40 }, () => nextPerson('0003'));

  async function restart(variables: Readonly<Record<string, string>>): Promise<void> {
    await gateway.stop();
    gateway = await startLoggedGateway(dataDir, { SLUICE_LOG_LEVEL: 'info', ...variables });
  }

  async function sealedUnder(): Promise<Set<string | undefined>> {
    const redis = await gateway.redis();
    try {
      const keys = await redis.keys('*:sealed:*');
      const texts = await Promise.all(keys.map((key) => redis.get(key)));
      return new Set(texts.map((text) => keyIdOf(text ?? '')));
    } finally {
      redis.disconnect();
    }
  }

  async function outdated(): Promise<string | undefined> {
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    return /^sluice_sealed_outdated (\S+)$/m.exec(text)?.[1];
  }

  async function everybodyOpens(): Promise<void> {
    for (const person of people) {
      const { body } = await ask('export', subjectOf(person));
      expect(body.applications[0]?.personal?.applicant?.phone).toBe(person.phone);
    }
  }

  test('moves everything to the new key, says when the old one seals nothing, and then does without it', async () => {
    for (const [index, person] of people.entries()) await apply(person, `ROTATE-${index}`);
    expect(await outdated()).toBe('0');
    await restart({ SLUICE_SEALING_KEYS: KEY_1 });
    await everybodyOpens();
    await lineWith(({ msg }) => msg === 'key s1 seals nothing any more');
    expect(await sealedUnder()).toEqual(new Set(['k1']));
    expect(await outdated()).toBe('0');

    // Killed at some point of the next rotation, and started again.
    await gateway.stop();
    gateway = await startLoggedGateway(dataDir, { SLUICE_LOG_LEVEL: 'info', SLUICE_SEALING_KEYS: `${KEY_2},${KEY_1}` });
    await delay(2_050);
    await gateway.kill();
    gateway = await startLoggedGateway(dataDir, { SLUICE_LOG_LEVEL: 'info', SLUICE_SEALING_KEYS: `${KEY_2},${KEY_1}` });
    for (let attempt = 0; (await sealedUnder()).size > 1 || (await outdated()) !== '0'; attempt += 1) {
      if (attempt > 400) throw new Error('it does not come to an end');
      await delay(100);
    }
    expect(await sealedUnder()).toEqual(new Set(['k2']));

    await restart({ SLUICE_SEALING_KEYS: KEY_2 });
    await everybodyOpens();
    const errors = gateway.lines().filter(({ access }) => access !== undefined && access.outcome !== 'opened');
    expect(errors).toEqual([]);
  }, 180_000);

  test('with keys that cannot be read does not start, and does not show them', async () => {
    await gateway.stop();
    const bad = startLoggedGateway(dataDir, { SLUICE_SEALING_KEYS: 'k3:c2hvcnQtc2VjcmV0' });
    await expect(bad).rejects.toThrow('SLUICE_SEALING_KEYS: key 1 (k3): must be base64 of 32 bytes');
    await expect(bad).rejects.not.toThrow('c2hvcnQtc2VjcmV0');
    gateway = await startLoggedGateway(dataDir, { SLUICE_LOG_LEVEL: 'info', SLUICE_SEALING_KEYS: KEY_2 });
  });
});
