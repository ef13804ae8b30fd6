import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Application } from '../../src/applications/model.ts';
import { isoOf } from '../../src/base/clock.ts';
import { requestRewind } from '../../src/events/caught-up.ts';
import { hashForms } from '../../src/identity/hash-forms.ts';
import { normaliseSubject } from '../../src/identity/normalise-subject.ts';
import { labelledTokens } from '../../src/intake/application-draft.ts';
import { OVERDUE_PROJECTION } from '../../src/intake/overdue/overdue-projection.ts';
import { everyEvent } from '../support/every-event.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { applicationFor, nextPerson } from '../support/intake.ts';
import { bothEntries, entriesAbout, type ListsClient, listsClient } from '../support/lists-wire.ts';
import type { PartnerClient } from '../support/partner-door.ts';
import { sampleApplication } from '../support/sample-application.ts';
import { operatorClient } from '../support/signed-client.ts';

let gateway: TestGateway;
let riverbank: PartnerClient;
let quickcredit: PartnerClient;
let lists: { acme: ListsClient; riverbank: ListsClient; quickcredit: ListsClient; bluewave: ListsClient };
let admin: ListsClient;

beforeAll(async () => {
  gateway = await startTestGateway();
  riverbank = gateway.lender('riverbank');
  quickcredit = gateway.lender('quickcredit');
  lists = {
    acme: listsClient(gateway.acme, '/v1'),
    riverbank: listsClient(riverbank, '/lender/v1'),
    quickcredit: listsClient(quickcredit, '/lender/v1'),
    bluewave: listsClient(gateway.lender('bluewave'), '/lender/v1'),
  };
  admin = listsClient(gateway.operator, '/admin/v1');
});
afterAll(() => gateway.stop());

const subjectOf = ({ phone, idNumber }: { phone: string; idNumber: string }) => ({ phone, id_number: idNumber });
const states = async (subject: object) => (await entriesAbout(gateway, subject)).map(({ state }) => state).sort();

/** What quickcredit's applications for a product would see. */
async function seen(subject: object, product_id?: string): Promise<Record<string, unknown>> {
  const { body } = await quickcredit.post('/lender/v1/lists/check', { items: [{ subject, product_id }] });
  return body.results[0];
}

/** An application that was refused because of a list. */
async function refusedApplication(
  person: { phone: string; idNumber: string },
  ref: string,
  change: Partial<Application> = {},
): Promise<Application> {
  const { store, intake } = gateway.gateway.rooms;
  const read = normaliseSubject(subjectOf(person));
  if (!read.ok) throw new Error('no subject');
  const at = isoOf(intake.clock.nowMs());
  const application = sampleApplication(ref, {
    subject: labelledTokens(intake.tokenizer.tokensOfSubject(read.subject)),
    status: 'refused',
    reason: 'blocked',
    accepted_at: null,
    created_at: at,
    ...change,
  });
  const refused = { type: 'application.refused', occurred_at: at, data: { reason: 'blocked' } } as const;
  await store.create(application, [refused], []);
  await gateway.settle();
  return application;
}

const mayReapply = async (id: string) =>
  (await everyEvent(gateway.redis, gateway.keys)).filter(
    ({ type, subject }) => type === 'application.may_reapply' && subject === id,
  );

describe('walk-through C: a shared-funder block and its appeal', () => {
  const person = nextPerson('0000');
  const subject = subjectOf(person);
  let appealId: string;
  let refused: Application;

  test('one lender’s entry for a funder keeps this funder, and no other, from lending through any lender', async () => {
    const { status, body } = await lists.riverbank.contribute(...bothEntries(person, 'case-77'));
    expect(status).toBe(200);
    expect(body.results.map(({ result }: { result: string }) => result)).toEqual(['created', 'created']);
    expect(await seen(subject, 'quick-flex')).toEqual({ blocked: false, trusted: false, blocked_funders: ['harbour'] });
    expect(await seen(subject, 'quick-cash')).toEqual({ blocked: true, trusted: false, blocked_funders: ['harbour'] });
    const partner = await lists.acme.check(subject);
    expect(partner.body).toEqual({ results: [{ blocked: false, trusted: false }] });
    refused = await refusedApplication(person, 'ORDER-C');
  });

  test('an appeal suspends the whole group, although it names the phone alone', async () => {
    const opened = await gateway.operator.post('/admin/v1/appeals', {
      subject: { phone: person.phone },
      claim: 'settled',
    });
    expect(opened).toMatchObject({ status: 201, body: { status: 'open', claim: 'settled', decided_at: null } });
    appealId = opened.body.id;
    expect(appealId).toMatch(/^apl_[0-9a-f]{32}$/);
    const days = (Date.parse(opened.body.due_by) - Date.parse(opened.body.opened_at)) / 86_400_000;
    expect(days).toBe(20);
    expect(await states({ id_number: person.idNumber })).toEqual(['suspended']);
    expect(await states(subject)).toEqual(['suspended', 'suspended']);
    expect(await seen(subject, 'quick-cash')).toMatchObject({ blocked: false, blocked_funders: [] });
    const again = await gateway.operator.post('/admin/v1/appeals', {
      subject: { phone: person.phone },
      claim: 'settled',
    });
    expect([again.status, again.body.id, again.headers.get('idempotent-replayed')]).toEqual([201, appealId, 'true']);
  });

  test('its contributor answers, the entries go, and whoever was refused because of them may come again', async () => {
    await gateway.clock('6d');
    const { body } = await riverbank.get('/lender/v1/appeals');
    expect(body.data).toMatchObject([
      { id: appealId, status: 'open', opened_by_you: false, answer: null, entries: [{ group: 'case-77' }, {}] },
    ]);
    const reason = 'repaid, the event was lost';
    const answered = await riverbank.post(`/lender/v1/appeals/${appealId}/answer`, { verdict: 'withdraw', reason });
    expect(answered).toMatchObject({ status: 200, body: { status: 'answered', answer: { verdict: 'withdraw' } } });
    const decided = await gateway.operator.get(`/admin/v1/appeals/${appealId}`);
    expect(decided.body).toMatchObject({ status: 'decided', outcome: 'cleared', told: 1 });
    expect(await entriesAbout(gateway, subject)).toEqual([]);
    const again = await riverbank.post(`/lender/v1/appeals/${appealId}/answer`, { verdict: 'withdraw', reason });
    expect(again.status).toBe(200);
    const other = await riverbank.post(`/lender/v1/appeals/${appealId}/answer`, { verdict: 'uphold', reason });
    expect(other).toMatchObject({ status: 409, body: { code: 'appeal_answered' } });

    const events = await mayReapply(refused.id);
    expect(events).toMatchObject([{ data: { appeal_id: appealId }, context: { owner_id: 'acme' } }]);
    const { application } = (await gateway.gateway.rooms.store.load(refused.id)) ?? {};
    expect(application).toMatchObject({ status: 'refused', reason: 'blocked' });
    const registry = gateway.gateway.rooms.intake.registry();
    const anew = await gateway.acme.post('/v1/applications', applicationFor(registry, person, 'ORDER-C-2'));
    expect(anew).toMatchObject({ status: 201, body: { status: 'received' } });
  });

  test('everything about it is in the audit log, lenders by their id and without the person', async () => {
    const { body } = await gateway.operator.get('/admin/v1/audit?limit=200');
    const done = (body.data as { action: string; outcome: string; actor: { name: string; role: string } }[])
      .filter(({ outcome }) => outcome === 'done')
      .map(({ action, actor }) => `${action} ${actor.name}`);
    for (const act of [
      'list.contribute riverbank',
      'list.check quickcredit',
      'appeal.open bootstrap',
      'appeal.answer riverbank',
    ])
      expect(done).toContain(act);
    for (const plain of [person.phone, person.idNumber]) expect(JSON.stringify(body)).not.toContain(plain);
  });

  test('a number that has changed hands: the one who has it now is not blocked, and an appeal leaves the other alone', async () => {
    const [former, current] = [nextPerson(), nextPerson()];
    await lists.riverbank.contribute(...bothEntries(former, 'case-78'));
    const now = { phone: former.phone, id_number: current.idNumber };
    expect(await seen(now, 'quick-cash')).toMatchObject({ blocked: false });
    const opened = await gateway.operator.post('/admin/v1/appeals', { subject: now, claim: 'phone_recycled' });
    expect(opened.body).toMatchObject({ status: 'decided', outcome: 'no_entries', entries: [] });
    expect(await states(subjectOf(former))).toEqual(['active', 'active']);
  });
});

describe('an appeal that nobody answers', () => {
  test('silence escalates, then takes the entries off; nobody is kept out meanwhile', async () => {
    const person = nextPerson();
    const subject = subjectOf(person);
    await lists.riverbank.contribute(...bothEntries(person, 'silent-1'));
    const application = await refusedApplication(person, 'ORDER-SILENT');
    const opened = await quickcredit.post('/lender/v1/appeals', { subject, claim: 'not_me' });
    expect(opened).toMatchObject({ status: 201, body: { status: 'open', opened_by_you: true, entries: [] } });
    const { id } = opened.body;
    await gateway.clock('19d');
    expect((await gateway.operator.get('/admin/v1/appeals?status=escalated')).body.data).toEqual([]);
    await gateway.clock('1d');
    const escalated = await gateway.operator.get('/admin/v1/appeals?status=escalated');
    expect(escalated.body.data).toMatchObject([{ id, status: 'escalated', answers: [{ answer: null }] }]);
    expect(await seen(subject, 'quick-cash')).toMatchObject({ blocked: false });
    await gateway.clock('10d');
    const ended = await gateway.operator.get(`/admin/v1/appeals/${id}`);
    expect(ended.body).toMatchObject({
      status: 'decided',
      outcome: 'cleared',
      answers: [{ contributor: 'lender:riverbank', answer: { verdict: 'lapsed' }, by: 'system' }],
    });
    expect(await entriesAbout(gateway, subject)).toEqual([]);
    expect(await mayReapply(application.id)).toHaveLength(1);
    const late = { verdict: 'uphold', reason: 'late' };
    expect((await riverbank.post(`/lender/v1/appeals/${id}/answer`, late)).status).toBe(409);
  });

  test('is seen by those roles alone that may decide it', async () => {
    const { body } = await gateway.operator.post('/admin/v1/operators', { name: 'support-of-lists', role: 'support' });
    const support = operatorClient(gateway.url, body.token);
    for (const path of ['appeals', 'lists/entries', 'lists/hits'])
      expect((await support.get(`/admin/v1/${path}`)).status).toBe(403);
  });
});

describe('contributing', () => {
  test('a lender cannot contribute in another lender’s scope, nor for a funder whose money it does not lend', async () => {
    const { phone } = nextPerson();
    const entry = { subject: { phone }, list: 'block', reason: 'fraud' };
    const scopes = [
      'lender:riverbank',
      'partner:acme',
      'network',
      'funder:elsewhere',
      'lender:quickcredit',
      'funder:north',
    ];
    const { body } = await lists.quickcredit.contribute(...scopes.map((scope) => ({ ...entry, scope })));
    expect(body.results.map(({ result, code }: { result: string; code?: string }) => code ?? result)).toEqual([
      ...Array(4).fill('scope_not_yours'),
      'created',
      'created',
    ]);
    const riverbankLendsHarbourOnly = await lists.riverbank.contribute({ ...entry, scope: 'funder:north' });
    expect(riverbankLendsHarbourOnly.body.results).toMatchObject([{ result: 'rejected', code: 'scope_not_yours' }]);
    const partner = await lists.acme.contribute({ ...entry, scope: 'network' }, { ...entry, reason: 'other' });
    expect(partner.body.results).toMatchObject([{ code: 'scope_not_yours' }, { result: 'created' }]);
    expect((await lists.acme.check({ phone })).body.results).toEqual([{ blocked: true, trusted: false }]);
    const summit = listsClient(gateway.summit, '/v1');
    expect((await summit.check({ phone })).body.results).toEqual([{ blocked: false, trusted: false }]);
  });

  test('withdrawing another’s entry is refused, and leaves it there', async () => {
    const { phone } = nextPerson();
    const entry = { subject: { phone }, list: 'block', scope: 'funder:harbour', reason: 'overdue' };
    await lists.riverbank.contribute(entry);
    expect((await lists.quickcredit.withdraw(entry)).body.results).toMatchObject([
      { id: null, result: 'rejected', code: 'not_contributor' },
    ]);
    expect((await admin.withdraw(entry)).body.results).toMatchObject([{ code: 'not_contributor' }]);
    expect(await states({ phone })).toEqual(['active']);
    expect((await lists.riverbank.withdraw(entry)).body.results).toMatchObject([{ result: 'removed' }]);
    expect((await lists.riverbank.withdraw(entry)).body.results).toMatchObject([{ code: 'not_found' }]);
    await lists.riverbank.contribute(entry);
    const named = await admin.withdraw({ ...entry, contributor: 'lender:riverbank' });
    expect(named.body.results).toMatchObject([{ result: 'removed' }]);
  });

  test('one bad item does not fail the rest, and says what is wrong with it and where', async () => {
    const [first, last] = [nextPerson(), nextPerson()];
    const good = { list: 'block', scope: 'funder:harbour', reason: 'overdue' };
    const { status, body } = await lists.riverbank.contribute(
      { subject: { phone: first.phone }, ...good },
      { subject: { phone: { masked: '13800138***' } }, ...good },
      { subject: { phone: first.phone, id_number: first.idNumber }, ...good },
      { subject: { phone: '123' }, ...good },
      'not an object' as unknown as object,
      { subject: { phone: last.phone }, ...good, scoop: 1 },
      { subject: { phone: last.phone }, ...good, expires_on: '2099-01-01' },
      { subject: { phone: last.phone }, ...good, reason: 'good_standing' },
      { subject: { id_number: { sm3: 'ee5e7b1cbf65495467be9ff49ac5fc14b6887547c1cd7f8856221b23f1efa062' } }, ...good },
    );
    expect(status).toBe(200);
    const results = body.results as { result: string; code?: string; errors?: { pointer: string }[] }[];
    expect(results.map(({ result }) => result)).toEqual(['created', ...Array(7).fill('rejected'), 'created']);
    expect(results.map(({ code }) => code)).toEqual([
      undefined,
      'masked_not_listed',
      'subject_not_one',
      expect.any(String),
      expect.any(String),
      'unknown_field',
      'expires_too_late',
      'reason_not_for_list',
      undefined,
    ]);
    expect(results[6]?.errors).toMatchObject([{ pointer: '/expires_on' }]);
    for (const { id } of results as unknown as { id: string | null }[]) expect(id ?? 'lst_').toMatch(/^lst_/);
    const checked = await lists.riverbank.check({ phone: first.phone }, { phone: { masked: '13800138***' } }, {});
    expect(checked.body.results).toMatchObject([
      { blocked: true },
      { blocked: null, trusted: null, code: 'masked_not_listed' },
      { blocked: null, trusted: null, code: expect.any(String) },
    ]);
  });

  test('costs a partner’s probes as prechecks do, and a lender or partner follows what became of its own entries', async () => {
    const { phone } = nextPerson();
    const left = (headers: Headers) => Number(/"probes";r=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1]);
    const before = left((await lists.acme.check({ phone })).headers);
    const after = left((await lists.acme.check({ phone }, { phone }, { phone })).headers);
    expect(before - after).toBe(3);
    await lists.acme.contribute({ subject: { phone }, list: 'trust', reason: 'other' });
    const page = await gateway.acme.get('/v1/lists/changes?limit=200');
    expect(page.body.data.at(-1)).toMatchObject({
      change: 'created',
      list: 'trust',
      scope: 'partner:acme',
      kind: 'phone',
    });
    const next = await gateway.acme.get(`/v1/lists/changes?cursor=${page.body.next_cursor}`);
    expect(next.body).toEqual({ data: [], next_cursor: page.body.next_cursor });
    expect((await gateway.acme.get('/v1/lists/changes?cursor=nonsense')).status).toBe(422);
  });

  test('an operator finds an entry by id, by scope and by person, each once however many forms it stands under', async () => {
    const { phone } = nextPerson();
    const entry = { subject: { phone }, list: 'block', scope: 'partner:lantern', reason: 'other', note: 'seen twice' };
    const { body } = await admin.contribute(entry);
    const { id } = body.results[0];
    const byId = await gateway.operator.get(`/admin/v1/lists/entries?id=${id}`);
    expect(byId.body.data).toMatchObject([{ id, contributor: 'operator', note: 'seen twice', state: 'active' }]);
    const byScope: { id: string }[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const page = await gateway.operator.get(`/admin/v1/lists/entries?scope=partner:lantern&limit=1${query}`);
      byScope.push(...page.body.data);
      cursor = page.body.next_cursor;
    }
    expect(byScope.map((one) => one.id)).toEqual([id]);
    expect(await entriesAbout(gateway, { phone })).toMatchObject([{ id }]);
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).toContain('sluice_list_entries{list="block",scope="partner:lantern",kind="phone"} 1');
  });
});

describe('a loan that is overdue at a funder which says so', () => {
  const person = nextPerson('0005');
  const subject = subjectOf(person);
  let applicationId: string;
  let loanId: string;

  /** Events that the projection has seen, each time it has. */
  async function applied(): Promise<number> {
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    const line = /sluice_projection_events_total\{projection="overdue-entries",outcome="applied"\} (\d+)/.exec(text);
    return Number(line?.[1]);
  }

  /** Resolves when every event so far has been applied again. */
  async function replayLog(): Promise<void> {
    const events = await everyEvent(gateway.redis, gateway.keys);
    const before = await applied();
    await requestRewind(gateway.redis, gateway.keys, OVERDUE_PROJECTION);
    await expect.poll(applied, { timeout: 10_000 }).toBeGreaterThanOrEqual(before + events.length);
    await gateway.settle();
  }

  const automatic = async () =>
    (await entriesAbout(gateway, subject)).filter(({ contributor }) => contributor === 'gateway');

  test('contributes one entry an identifier, however often the log is replayed', async () => {
    const registry = gateway.gateway.rooms.intake.registry();
    const applied = await gateway.acme.post(
      '/v1/applications',
      applicationFor(registry, person, 'ORDER-O', 'wave-days'),
    );
    expect(applied.body.status).toBe('received');
    applicationId = applied.body.id;
    await gateway.clock('1h');
    const drawn = await gateway.acme.post(`/v1/applications/${applicationId}/loans`, {
      partner_ref: 'DRAW-O',
      amount: { amount: 50_000, currency: 'CNY' },
      term: 14,
      term_unit: 'day',
      purpose: 'consumption',
      bank_card: { number: person.bankCard.number, bank_code: person.bankCard.bankCode, phone: person.phone },
      consents: [],
    });
    expect(drawn.status).toBe(201);
    loanId = drawn.body.id;
    await gateway.clock('40d');
    expect(await automatic()).toEqual([]);
    await gateway.clock('5d');
    const entries = await automatic();
    expect(entries.map(({ kind }) => kind).sort()).toEqual(['id_number', 'phone']);
    expect(new Set(entries.map(({ group }) => group)).size).toBe(1);
    for (const entry of entries) {
      expect(entry).toMatchObject({ scope: 'funder:north', reason: 'overdue', basis: { kind: 'loan', ref: loanId } });
    }
    for (let round = 0; round < 3; round += 1) await replayLog();
    expect((await automatic()).map(({ id, expires_on, created_at }) => [id, expires_on, created_at])).toEqual(
      entries.map(({ id, expires_on, created_at }) => [id, expires_on, created_at]),
    );
  });

  test('settlement removes it, the entry that a person contributed stays, and a replay does not bring it back', async () => {
    await lists.bluewave.contribute(...bothEntries(person, 'by-hand', { scope: 'funder:north' }));
    expect(await entriesAbout(gateway, subject)).toHaveLength(4);
    const now = (await gateway.operator.get('/sandbox/clock')).body.now;
    const { body: loan } = await gateway.acme.get(`/v1/loans/${loanId}/schedule`);
    const [item] = loan.data ?? loan.schedule;
    const paid = await gateway.lender('bluewave').post('/lender/v1/events', {
      events: [
        {
          id: 'PAID-O',
          type: 'installment.paid',
          occurred_at: now,
          loan_id: loanId,
          data: {
            no: item.no,
            payment_ref: 'PAY-O',
            principal: item.principal,
            interest: item.interest,
            fees: [],
            penalty: { amount: 0, currency: 'CNY' },
            waived: { amount: 0, currency: 'CNY' },
            payer: 'borrower',
            paid_at: now,
          },
        },
      ],
    });
    expect(paid.body.results).toMatchObject([{ result: 'applied' }]);
    await gateway.settle();
    expect(await automatic()).toEqual([]);
    expect(await entriesAbout(gateway, subject)).toMatchObject([{ group: 'by-hand' }, { group: 'by-hand' }]);
    await replayLog();
    expect(await automatic()).toEqual([]);
  });
});

describe('lists that are kept in one form', () => {
  test('say of another form that it is not kept, and never that nothing is known', async () => {
    const own = await startTestGateway({ variables: { SLUICE_LIST_FORMS: 'md5' } });
    try {
      const { phone } = nextPerson();
      const bluewave = listsClient(own.lender('bluewave'), '/lender/v1');
      const entry = { list: 'block', scope: 'funder:north', reason: 'fraud' };
      const sm3 = { sm3: hashForms(phone).sm3 };
      const { body } = await bluewave.contribute(
        { subject: { phone }, ...entry },
        { subject: { phone: sm3 }, ...entry },
      );
      expect(body.results).toMatchObject([
        { result: 'created' },
        { result: 'rejected', code: 'form_not_indexed', errors: [{ pointer: '/subject/phone' }] },
      ]);
      const checked = await bluewave.check({ phone: { md5: hashForms(phone).md5 } }, { phone: sm3 });
      expect(checked.body.results).toMatchObject([
        { blocked_funders: ['north'] },
        { blocked: null, trusted: null, blocked_funders: null, code: 'form_not_indexed' },
      ]);
      const shown = await own.operator.get('/admin/v1/lists/entries?scope=funder:north');
      expect(shown.body.data).toMatchObject([{ scope: 'funder:north', known_in_plain: true }]);
    } finally {
      await own.stop();
    }
  });
});
