import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Registry } from '../../src/registry/registry.ts';
import { embeddedPid } from './gateway-child.ts';
import { putPeopleThroughTheRest } from './identity-later.ts';
import { applyByLink, cardOf, type RichPerson, richApplication, richPerson, subjectsOf } from './identity-traffic.ts';
import { shippedRegistry } from './intake.ts';
import { fileHaystacks, type Haystack } from './leaks.ts';
import type { LoggedGateway } from './logged-gateway.ts';
import { documentedOperations } from './operations.ts';

const DAY_MS = 86_400_000;

/** What became of the people, and where they were named. */
export interface IdentityRun {
  readonly people: readonly RichPerson[];
  /** Identifiers that are none: what is wrong with them, and themselves. */
  readonly faulty: readonly [string, string][];
  /** Every address asked for or answered with. */
  readonly urls: readonly string[];
  /** `METHOD /path status` of every answer. */
  readonly answers: ReadonlySet<string>;
  /** The click spool while Redis was away. */
  readonly spooled: readonly Haystack[];
}

let gateway: LoggedGateway;
let registry: Registry;
let people: RichPerson[];
let faulty: [string, string][];
let urls: string[];
let answers: Set<string>;
const realFetch = globalThis.fetch;

/** Uses every door of a gateway, in good and in bad, with people who are named nowhere else. One run at a time. */
export async function putPeopleThroughEverything(to: LoggedGateway, dataDir: string): Promise<IdentityRun> {
  gateway = to;
  registry = await shippedRegistry();
  people = [];
  faulty = [];
  urls = [];
  answers = new Set();
  globalThis.fetch = rememberUrls;
  try {
    await askAboutPeople();
    await applyOverTheApi();
    await sendWhatIsFaulty();
    urls.push(await applyByLink(gateway, somebody('0000')));
    await reportAsLender();
    await putPeopleThroughTheRest({
      ...{ gateway, registry, somebody, advance },
      lookFor: (what, text) => void faulty.push([what, text]),
    });
    await drawDownAndRepay();
    await workAsOperator();
    await callEverythingElse();
    const spooled = await goOnWithoutRedis(dataDir);
    return { people, faulty, urls, answers, spooled };
  } finally {
    globalThis.fetch = realFetch;
  }
}

async function rememberUrls(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await realFetch(input, init);
  const asked = input instanceof Request ? input.url : String(input);
  urls.push(asked, response.url, response.headers.get('location') ?? '');
  const path = new URL(asked).pathname.replaceAll(/(app|loan|clk|act|card|rep|doc)_[0-9a-f]{32}/g, '{id}');
  answers.add(`${init?.method ?? 'GET'} ${path} ${response.status}`);
  return response;
}

/** A person whose traces are looked for in the end. */
function somebody(phoneSuffix?: string): RichPerson {
  const person = richPerson(phoneSuffix);
  people.push(person);
  return person;
}

async function askAboutPeople(): Promise<void> {
  const person = somebody();
  for (const subject of subjectsOf(person)) {
    await gateway.acme.post('/v1/prechecks', { product_id: 'quick-cash', subject, reserve: true });
    await gateway.summit.post('/v1/prechecks', { subject });
  }
  const items = subjectsOf(somebody()).map((subject) => ({ product_id: 'quick-cash', subject }));
  await gateway.acme.post('/v1/prechecks/batch', { items });
}

async function applyOverTheApi(): Promise<void> {
  for (const [index, suffix] of ['0000', '0001', '0002', '0003', '0009', '0010'].entries()) {
    const person = somebody(suffix);
    const input = richApplication(registry, person, `LEAK-${index}`);
    await gateway.acme.post('/v1/applications', input);
    await gateway.acme.post('/v1/applications', input);
    // Taken by another, and the same reference for somebody else.
    await gateway.summit.post('/v1/applications', richApplication(registry, person, `LEAK-${index}`));
    await gateway.acme.post('/v1/applications', richApplication(registry, somebody(), `LEAK-${index}`));
  }
  const abroad = somebody();
  const input = richApplication(registry, abroad, 'LEAK-86');
  const applicant = { ...input.applicant, phone: `+86${abroad.phone}`, id_number: abroad.idNumber.toLowerCase() };
  await gateway.acme.post('/v1/applications', { ...input, applicant });
  await gateway.acme.post('/v1/applications', {
    ...richApplication(registry, somebody(), 'LEAK-INELIGIBLE'),
    requested: { amount: { amount: 1, currency: 'CNY' }, term: 3, term_unit: 'month', purpose: 'consumption' },
  });
}

/** Requests that are turned away, each with an identity in it, good or bad. */
async function sendWhatIsFaulty(): Promise<void> {
  const person = somebody();
  const input = richApplication(registry, person, 'LEAK-BAD');
  const bad = {
    phone: `${person.phone.slice(0, 9)}#x`,
    id_number: `${person.idNumber.slice(0, 17)}${person.idNumber.endsWith('7') ? '8' : '7'}`,
    name: `<${person.name}>`,
    email: `${person.email}@@`,
    bank_card: { number: `${person.bankCard.number}1` },
  };
  faulty.push(['faulty phone', bad.phone], ['faulty id number', bad.id_number], ['faulty card', bad.bank_card.number]);
  for (const [field, value] of Object.entries(bad)) {
    const applicant = { ...input.applicant, [field]: value };
    await gateway.acme.post('/v1/applications', { ...input, applicant });
    await gateway.acme.post('/v1/prechecks', { subject: { [field]: value } });
  }
  const { consents: _, ...withoutConsents } = input;
  await gateway.acme.post('/v1/applications', withoutConsents);
  await gateway.acme.post('/v1/applications', { ...input, [person.phone]: person.idNumber });
  await gateway.acme.post('/v1/applications', { ...input, product_id: person.phone });
  const text = JSON.stringify(input);
  for (const body of [`${text}}`, text.replace('{', `{"partner_ref":"${person.phone}",`), text.slice(0, -20)]) {
    await gateway.acme.send('POST', '/v1/applications', { body });
  }
  await gateway.acme.send('POST', '/v1/applications', { body: text, sign: false });
  await gateway.acme.send('POST', '/v1/applications', { body: text, signedBody: '{}' });
  await gateway.acme.send('POST', '/v1/applications', { body: text, headers: { 'content-type': 'text/plain' } });
  await gateway.acme.post('/v1/diagnostics/signature', input);
}

async function reportAsLender(): Promise<void> {
  const lender = gateway.lender('quickcredit');
  const at = new Date(Date.now() - 60_000).toISOString();
  for (const [index, person] of [somebody(), somebody()].entries()) {
    for (const [form, subject] of subjectsOf(person).entries()) {
      const ref = `${index}-${form}`;
      await lender.post('/lender/v1/registrations', { lender_ref: `R-${ref}`, subject, registered_at: at });
      const report = { lender_ref: `A-${ref}`, product_id: 'quick-cash', subject, channel: 'app', applied_at: at };
      await lender.post('/lender/v1/applications', report);
    }
  }
  const person = somebody();
  const about = { occurred_at: at, lender_ref: 'A-0-0', applicant: { phone: person.phone } };
  await lender.post('/lender/v1/events', {
    events: [
      { id: 'E-1', type: 'credit.declined', ...about, data: { reason: 'policy', phone: person.phone } },
      { id: 'E-2', type: 'credit.granted', ...about, data: { amount: person.idNumber } },
      { id: 'E-3', type: 'no.such', ...about, data: { name: person.name } },
    ],
  });
}

async function drawDownAndRepay(): Promise<void> {
  await advance('1m');
  const { body } = await gateway.acme.get('/v1/applications?status=credit_granted&limit=50');
  for (const { id } of body.data) {
    const person = somebody();
    const wish = { amount: { amount: 100_000, currency: 'CNY' }, term: 3, term_unit: 'month', purpose: 'consumption' };
    await gateway.acme.post(`/v1/applications/${id}/quotes`, { amount: wish.amount, term: 3, term_unit: 'month' });
    const consents = [
      {
        kind: 'loan_contract',
        document: 'x',
        version: '1',
        text_sha256: '0'.repeat(64),
        accepted_at: '2026-03-02T03:59:00Z',
      },
    ].map((consent) => ({ ...consent, parties: ['quickcredit'], ip: person.ip, user_agent: person.deviceId }));
    const drawn = { partner_ref: `DRAW-${id}`, ...wish, bank_card: cardOf(person), consents };
    await gateway.acme.post(`/v1/applications/${id}/loans`, { ...drawn, bank_card: { number: '1234' } });
    await gateway.acme.post(`/v1/applications/${id}/loans`, drawn);
    await gateway.acme.get(`/v1/applications/${id}`);
    await gateway.acme.get(`/v1/applications/${id}/attribution`);
  }
  await advance('40d');
  await gateway.operator.post('/admin/v1/closings', {
    to: new Date(Date.now() + 40 * DAY_MS).toISOString().slice(0, 10),
  });
}

async function workAsOperator(): Promise<void> {
  const [first, second] = people;
  if (!first || !second) throw new Error('nobody');
  for (const [index, person] of people.entries()) {
    const subject = { phone: person.phone, id_number: person.idNumber };
    await gateway.operator.post('/admin/v1/subjects/search', { subject, reason: 'a question' });
    await gateway.operator.post('/admin/v1/subjects/export', { subject, reason: 'a question' });
    const reason = index % 2 === 0 ? 'a wish' : `a wish of ${person.phone}`;
    await gateway.operator.post('/admin/v1/subjects/erase', { subject, reason, force: index % 3 === 0 });
  }
  for (const subject of subjectsOf(first)) {
    await gateway.operator.post('/admin/v1/subjects/search', {
      subject,
      reason: `about ${second.phone} and ${second.idNumber}`,
    });
  }
  const party = { kind: 'traffic', id: 'acme' };
  await gateway.operator.post('/admin/v1/keys/issue', { party, reason: 'a new one' });
  await gateway.operator.post('/admin/v1/signing-keys/rotate', { reason: 'a new one' });
}

/** Whatever can be read without knowing an id. */
async function callEverythingElse(): Promise<void> {
  const clients = { partner: gateway.acme, lender: gateway.lender('quickcredit'), operator: gateway.operator };
  for (const { door, method, path } of documentedOperations()) {
    if (door === 'referral' || method !== 'GET' || path.includes('{')) continue;
    await clients[door].get(path);
  }
  for (const path of ['/healthz', '/readyz', '/docs', '/.well-known/jwks.json']) await fetch(`${gateway.url}${path}`);
}

/** Redis hangs: requests are turned away, clicks go to the spool. */
async function goOnWithoutRedis(dataDir: string): Promise<Haystack[]> {
  let spooled: Haystack[] = [];
  const pid = embeddedPid(dataDir);
  process.kill(pid, 'SIGSTOP');
  try {
    const headers = { 'user-agent': 'Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile' };
    await Promise.all([
      fetch(`${gateway.url}/r/acme-home`, { redirect: 'manual', headers }),
      gateway.acme.post('/v1/applications', richApplication(registry, somebody(), 'LEAK-AWAY')),
      gateway.acme.post('/v1/prechecks', { subject: subjectsOf(somebody())[3] }),
    ]);
    spooled = fileHaystacks(join(dataDir, 'spool'));
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await delay(1_500);
  return spooled;
}

async function advance(move: string): Promise<void> {
  const { status, body } = await gateway.operator.post('/sandbox/clock', { advance: move });
  if (status !== 200) throw new Error(JSON.stringify(body));
}
