import type { Registry } from '../../src/registry/registry.ts';
import { sandboxSigningKey } from '../../src/sandbox/sandbox-keys.ts';
import { photo, sendSigned, uploadForm } from './documents.ts';
import { testVariables } from './gateway.ts';
import { cardOf, type RichPerson, richApplication } from './identity-traffic.ts';
import type { LoggedGateway } from './logged-gateway.ts';
import { shippedKey } from './signed-client.ts';

/** What people are put through after they have applied. */
export interface LaterTools {
  readonly gateway: LoggedGateway;
  readonly registry: Registry;
  /** A person whose traces are looked for in the end. */
  somebody(phoneSuffix?: string): RichPerson;
  /** A text that must be nowhere. */
  lookFor(what: string, text: string): void;
  advance(move: string): Promise<void>;
}

const BROWSER = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148';

/** Papers, cards, codes, photos, repayments, hand-offs, words: each with identities wherever one fits. */
export async function putPeopleThroughTheRest(tools: LaterTools): Promise<void> {
  await bindDrawAndRepay(tools);
  await bringPapers(tools);
  await handOver(tools);
  await speakOfPeople(tools);
}

async function applied({ gateway, registry, somebody, advance }: LaterTools, suffix: string, ref: string) {
  const person = somebody(suffix);
  const input = richApplication(registry, person, ref);
  const told = `https://acme.example/back?phone=${person.phone}&name=${encodeURIComponent(person.name)}`;
  const { body } = await gateway.acme.post('/v1/applications', { ...input, return_url: told });
  await advance('2m');
  return { id: body.id as string, person, told };
}

function consentOf(person: RichPerson) {
  return {
    kind: 'card_debit',
    document: `debit of ${person.name}`,
    version: '1',
    text_sha256: '0'.repeat(64),
    parties: ['quickcredit'],
    accepted_at: '2026-03-02T03:59:00Z',
    ip: person.ip,
    user_agent: person.deviceId,
  };
}

async function bindDrawAndRepay(tools: LaterTools): Promise<void> {
  const { gateway, lookFor, advance, somebody } = tools;
  const { acme } = gateway;
  const { id, person, told } = await applied(tools, '0011', 'LATER-CARD');
  const cards = `/v1/applications/${id}/cards`;
  const consents = [consentOf(person)];
  const stranger = somebody();
  await acme.post(cards, { ...cardOf(stranger), number: `${cardOf(stranger).number}9`, consents });
  lookFor('a card that is none', `${cardOf(stranger).number}9`);
  await acme.post(cards, { ...cardOf(stranger), consents });
  const bound = await acme.post(cards, { ...cardOf(person), consents });
  const code = `/v1/actions/${bound.body.next_action?.id}`;
  for (const otp of ['Zq7KpX3WvR9t', 'Gh2mTbY8sLc4']) {
    lookFor('a code', otp);
    await acme.post(code, { otp });
  }
  await acme.send('POST', `${code}/resend`, {});
  await acme.post(code, { otp: '000000' });
  const wish = { amount: { amount: 100_000, currency: 'CNY' }, term: 3, term_unit: 'month', purpose: 'consumption' };
  const drawn = { ...wish, partner_ref: 'LATER-DRAW', card_id: bound.body.id, return_url: told, consents };
  const loan = await acme.post(`/v1/applications/${id}/loans`, drawn);
  if (loan.status !== 201) throw new Error(JSON.stringify([bound.body, loan.body]));
  await advance('1m');
  const asked = (await acme.get(`/v1/loans/${loan.body.id}`)).body.next_action;
  await acme.post(`/v1/actions/${asked?.id}`, { otp: '000000' });
  await advance('1h');
  const path = `/v1/loans/${loan.body.id}/repayments`;
  await acme.post(`${path}/quote`, { installments: 'all' });
  await acme.post(path, { partner_ref: 'LATER-REPAY', installments: [1], return_url: told });
  await acme.post(path, { partner_ref: 'LATER-BAD', installments: [77], return_url: told });
  await acme.post(`/v1/loans/${loan.body.id}/cancel`, { reason: `${person.name} has another number: ${person.phone}` });
  await acme.send('DELETE', `/v1/cards/${bound.body.id}`, {});
}

async function bringPapers(tools: LaterTools): Promise<void> {
  const { gateway, somebody, lookFor } = tools;
  const { acme } = gateway;
  const { id, person } = await applied(tools, '0002', 'LATER-PAPERS');
  const other = somebody();
  const shown = `a photo that shows ${person.name} ${person.idNumber} of ${person.employer}`;
  lookFor('bytes of a photo', shown);
  const upload = (form: Buffer) => sendSigned(`${gateway.url}/v1/documents`, shippedKey('acme'), form);
  await upload(uploadForm({ kind: person.phone, file: photo(shown, 50_000) }));
  const stored = await upload(uploadForm({ kind: 'id_front', file: photo(shown, 50_000) }));
  const at = '2026-03-02T03:58:00Z';
  const supplement = {
    applicant: {
      email: person.email,
      contacts: [{ relation: 'friend', ...other.contact, phone: other.phone }],
      employment: { status: 'employed', employer: other.employer, address: other.addresses[2] },
      bank_card: cardOf(other),
    },
    documents: [{ kind: 'id_front', document_id: stored.json().id }],
    verifications: [
      { kind: 'liveness', provider: `vendor of ${person.name}`, result: 'pass', ref: `+86${person.phone}`, at },
      { kind: 'four_elements', provider: 'x', result: 'pass', ref: cardOf(other).number, at },
      { kind: 'ocr', provider: 'x', result: 'fail', ref: person.deviceId, at },
    ],
    consents: [consentOf(person)],
  };
  const path = `/v1/applications/${id}/supplements`;
  await acme.post(path, { ...supplement, applicant: { phone: `${person.phone}#` } });
  await acme.post(path, { ...supplement, documents: [{ kind: 'face', document_id: `doc_${'0'.repeat(32)}` }] });
  await acme.post(path, supplement);
  const url = `${gateway.url}/lender/v1/documents/${stored.json().id}`;
  await sendSigned(url, sandboxSigningKey(Buffer.from(testVariables('').SLUICE_SECRET ?? ''), 'quickcredit'));
}

async function handOver({ gateway, somebody }: LaterTools): Promise<void> {
  for (const isOpened of [true, false]) {
    const { name, phone, idNumber: id_number } = somebody();
    const return_url = `https://acme.example/back?who=${phone}&name=${encodeURIComponent(name)}`;
    const wish = { product_id: 'quick-cash', destination: 'apply', return_url, subject: { name, phone, id_number } };
    await gateway.acme.post('/v1/handoffs', { ...wish, return_url: `https://evil.example/${phone}` });
    const { body } = await gateway.acme.post('/v1/handoffs', wish);
    if (!isOpened) continue;
    const headers = { 'user-agent': BROWSER };
    const opened = await fetch(body.url, { redirect: 'manual', headers });
    await (await fetch(opened.headers.get('location') ?? '', { headers })).text();
  }
}

/** Words of partners and lenders in which people are named. */
async function speakOfPeople(tools: LaterTools): Promise<void> {
  const { gateway, advance } = tools;
  const { id, person } = await applied(tools, '0003', 'LATER-WORDS');
  const { phone, name, idNumber, bankCard } = person;
  const { body: clock } = await gateway.operator.get('/sandbox/clock');
  const expires_at = new Date(Date.parse(clock.now) + 3_600_000).toISOString();
  const words = `尊敬的${name}（${idNumber}），+86 ${phone} 的验证码已发送，卡号 ${bankCard.number}`;
  const event = (number: number, type: string, data: object) => {
    return { id: `LATER-E-${number}`, type, occurred_at: clock.now, application_id: id, data };
  };
  const asked = { scene: 'apply', message: words, expires_at };
  const { body: told } = await gateway.lender('quickcredit').post('/lender/v1/events', {
    events: [
      event(1, 'action.required', { ...asked, type: 'otp', sent_to: `+86${phone}` }),
      event(2, 'action.required', { ...asked, type: 'redirect', url: 'https://quickcredit.example/h5/1' }),
      event(3, 'loan.declined', { reason: words }),
      event(4, 'action.required', { ...asked, type: 'otp', sent_to: person.email }),
      event(5, 'complaint.opened', { channel: phone, category: `+86${phone}`, due_on: '2026-04-01' }),
    ],
  });
  const results = told.results.map(({ result }: { readonly result: string }) => result);
  if (results.join() !== 'applied,applied,rejected,applied,applied') throw new Error(JSON.stringify(told));
  await gateway.acme.get(`/v1/applications/${id}`);
  await gateway.lender('quickcredit').get('/lender/v1/events');
  const withdrawals = `/v1/applications/${id}/consents/withdrawals`;
  await gateway.acme.post(withdrawals, { kinds: ['credit_inquiry'], reason: words });
  await gateway.acme.post(withdrawals, { kinds: ['credit_inquiry'], reason: 'not_needed' });
  const { id: other, person: another } = await applied(tools, '0003', 'LATER-CANCEL');
  const reason = `${another.name} ${another.phone} ${another.email} 0086${another.phone}`;
  await gateway.acme.post(`/v1/applications/${other}/cancel`, { reason });
  await advance('1m');
}
