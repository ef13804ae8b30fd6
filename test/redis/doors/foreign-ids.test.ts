import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isoOf, MINUTE_MS } from '../../../src/base/clock.ts';
import { luhnDigit } from '../../../src/identity/normalise-bank-card.ts';
import { type ConnectedCore, connectCore } from '../../support/core-worker.ts';
import { openTestDocuments, photo, type TestDocuments } from '../../support/documents.ts';
import { applicationFor, nextPerson } from '../../support/intake.ts';
import { type DocumentedOperation, documentedOperations } from '../../support/operations.ts';
import { become, cny, creditOf, onDay } from '../../support/partner-applications.ts';
import { type Answer, type PartnerClient, startPartnerDoor, type TestPartnerDoor } from '../../support/partner-door.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { sampleLoan } from '../../support/sample-application.ts';
import { toldByLender } from '../../support/told-by-lender.ts';

let redis: TestRedis;
let door: TestPartnerDoor;
let core: ConnectedCore;
let photos: TestDocuments;
let acme: Owned;
let another: Owned;
let summit: Owned;

beforeAll(async () => {
  redis = await startTestRedis();
  door = await startPartnerDoor(redis);
  core = await connectCore(redis, door.intake, () => ({ status: 200, body: { result: 'accepted' } }));
  photos = openTestDocuments(door.intake);
  acme = await everythingOf('acme', 'A-1');
  another = await everythingOf('acme', 'A-2');
  summit = await everythingOf('summit', 'S-1');
});
afterAll(async () => {
  await core.close();
  await door.close();
  photos.close();
  await redis.close();
});

/** One of each thing that a partner has an id of. */
interface Owned {
  readonly app: string;
  readonly loan: string;
  readonly act: string;
  readonly card: string;
  readonly rep: string;
  readonly quo: string;
  readonly doc: string;
  readonly draw: object;
}

let cards = 0;

function freshCard() {
  cards += 1;
  const digits = `622203${String(cards).padStart(12, '0')}`;
  return { number: `${digits}${luhnDigit(digits)}`, bank_code: 'ICBC', phone: '13800138000' };
}

async function everythingOf(partnerId: 'acme' | 'summit', ref: string): Promise<Owned> {
  const client = door[partnerId];
  const { body } = await client.post('/v1/applications', applicationFor(door.intake.registry, nextPerson(), ref));
  const app: string = body.id;
  await become(door, app, { status: 'credit_granted', credit: creditOf(), lender_ref: `L-${ref}` });
  await core.settle();
  const asked = { type: 'card', scene: 'drawdown', expires_at: isoOf(door.intake.clock.nowMs() + 60 * MINUTE_MS) };
  const act = (await toldByLender(door.intake, app, 'action.required', asked))?.action_id ?? '';
  const card = (await client.post(`/v1/applications/${app}/cards`, freshCard())).body.id;
  const wish = { amount: cny(100_000), term: 3, term_unit: 'month' };
  const quo = (await client.post(`/v1/applications/${app}/quotes`, wish)).body.id;
  const paid = { principal: 0, interest: 0, fees: 0, penalty: 0, waived: 0 };
  const item = (no: number, due_on: string) => {
    return { no, due_on, principal: 50_000, interest: 100, fees: [], paid, paid_at: null };
  };
  const loan = sampleLoan(app, `LOAN-${ref}`, {
    ...{ status: 'active', lender_ref: `LN-${ref}`, amount: cny(100_000), disbursed_at: onDay(-1), received: 100_000 },
    schedule: [item(1, '2026-04-02'), item(2, '2026-05-02')],
  });
  await door.intake.deps.store.bindLoan(loan.id, app);
  await become(door, app, { loans: [loan] });
  const rep = (await client.post(`/v1/loans/${loan.id}/repayments`, { partner_ref: 'R-1', installments: [1] })).body.id;
  const doc = (await photos.upload(photo(ref), 'id_front', partnerId)).document.id;
  return { app, loan: loan.id, act, card, rep, quo, doc, draw: { ...wish, purpose: 'consumption' } };
}

const unknown = (id: string): string => `${id.split('_')[0]}_${'e'.repeat(32)}`;

/** What the problem says, without what differs from request to request; ids read alike. */
function told({ status, body }: Answer): unknown {
  const { request_id: _, ...rest } = body ?? {};
  return [status, JSON.stringify(rest).replaceAll(/_[0-9a-f]{32}/g, '_x')];
}

const OBJECTS: Readonly<Record<string, Exclude<keyof Owned, 'draw'>>> = {
  applications: 'app',
  loans: 'loan',
  actions: 'act',
  cards: 'card',
  repayments: 'rep',
};

/** A body that each operation would take of its owner. */
const BODIES: Readonly<Record<string, () => object>> = {
  'POST /v1/applications/{id}/consents/withdrawals': () => ({ kinds: ['marketing'] }),
  'POST /v1/applications/{id}/supplements': () => ({ applicant: { email: 'a@example.com' } }),
  'POST /v1/applications/{id}/cancel': () => ({ reason: 'customer' }),
  'POST /v1/applications/{id}/cards': freshCard,
  'POST /v1/applications/{id}/quotes': () => ({ amount: cny(100_000), term: 3, term_unit: 'month' }),
  'POST /v1/applications/{id}/loans': () => ({ ...acme.draw, partner_ref: 'FOREIGN' }),
  'POST /v1/actions/{id}': () => ({ card_id: acme.card }),
  'POST /v1/loans/{id}/cancel': () => ({ reason: 'customer' }),
  'POST /v1/loans/{id}/repayments/quote': () => ({ installments: 'all' }),
  'POST /v1/loans/{id}/repayments': () => ({ partner_ref: 'FOREIGN', installments: 'all' }),
};

const withObjects = documentedOperations()
  .filter(({ door: of, path }) => of === 'partner' && path.includes('{id}'))
  .flatMap((operation) => {
    const kind = OBJECTS[/^\/v1\/(\w+)\/\{id\}/.exec(operation.path)?.[1] ?? ''];
    return kind === undefined ? [] : [[`${operation.method} ${operation.path}`, operation, kind] as const];
  });

function ask(client: PartnerClient, { method, path, bodyType }: DocumentedOperation, id: string): Promise<Answer> {
  const target = path.replace('{id}', id);
  if (bodyType === undefined) return client.send(method, target, {});
  const body = BODIES[`${method} ${path}`]?.();
  if (body === undefined) throw new Error(`no body for ${method} ${path}`);
  return client.send(method, target, { body: JSON.stringify(body) });
}

describe('another partner’s id in a path is answered exactly like one that there never was', () => {
  test.each(withObjects)('%s', async (_name, operation, kind) => {
    const before = (await door.intake.deps.store.load(acme.app))?.version;
    const foreign = await ask(door.summit, operation, acme[kind]);
    const absent = await ask(door.summit, operation, unknown(acme[kind]));
    expect(told(foreign)).toEqual(told(absent));
    expect([foreign.status, foreign.body.code]).toEqual([404, 'not_found']);
    expect((await door.intake.deps.store.load(acme.app))?.version).toBe(before);
  });

  test('and so are ids of another kind', async () => {
    for (const [name, operation] of withObjects) {
      for (const id of [acme.app, acme.loan, acme.card, acme.rep, acme.act, acme.quo, acme.doc]) {
        if (operation.path.includes(`/${Object.entries(OBJECTS).find(([, kind]) => id.startsWith(`${kind}_`))?.[0]}/`))
          continue;
        expect((await ask(door.acme, operation, id)).status, `${name} ${id}`).toBe(404);
      }
    }
  });
});

describe('another’s id inside a body is answered exactly like one that there never was', () => {
  /** Of another partner, and of the same partner's other applicant. */
  const strangers = (kind: 'card' | 'quo'): string[] => [acme[kind], another[kind]];

  test('a document in an application and in a supplement', async () => {
    const documents = (document_id: string) => [{ kind: 'id_front', document_id }];
    const input = applicationFor(door.intake.registry, nextPerson(), 'S-DOC');
    const apply = (id: string) => door.summit.post('/v1/applications', { ...input, documents: documents(id) });
    expect(told(await apply(acme.doc))).toEqual(told(await apply(unknown(acme.doc))));
    expect((await apply(acme.doc)).body.errors).toMatchObject([{ code: 'document_unknown' }]);
    const { body } = await door.summit.post(
      '/v1/applications',
      applicationFor(door.intake.registry, nextPerson(), 'S-2'),
    );
    const path = `/v1/applications/${body.id}/supplements`;
    const supply = (id: string) => door.summit.post(path, { documents: documents(id) });
    expect(told(await supply(acme.doc))).toEqual(told(await supply(unknown(acme.doc))));
    expect((await supply(summit.doc)).status).toBeLessThan(300);
  });

  test('a card or a quote at drawdown', async () => {
    // The product lends one loan at a time.
    const { application } = (await door.intake.deps.store.load(summit.app)) ?? {};
    await become(door, summit.app, { loans: [] });
    const draw = (change: object) => {
      return door.summit.post(`/v1/applications/${summit.app}/loans`, { ...summit.draw, partner_ref: 'X', ...change });
    };
    for (const card_id of strangers('card')) {
      expect(told(await draw({ card_id }))).toEqual(told(await draw({ card_id: unknown(card_id) })));
    }
    for (const quote_id of strangers('quo')) {
      expect(told(await draw({ quote_id }))).toEqual(told(await draw({ quote_id: unknown(quote_id) })));
    }
    expect((await draw({ card_id: acme.card })).body.errors).toMatchObject([{ code: 'card_unknown' }]);
    expect((await draw({ quote_id: acme.quo })).body.code).toBe('quote_expired');
    await become(door, summit.app, { loans: application?.loans ?? [] });
  });

  test('a card for a repayment, and as the card that was chosen', async () => {
    const path = `/v1/loans/${summit.loan}/repayments`;
    const repay = (card_id: string) => door.summit.post(path, { partner_ref: 'X', installments: 'all', card_id });
    const choose = (card_id: string) => door.summit.post(`/v1/actions/${summit.act}`, { card_id });
    for (const card of strangers('card')) {
      expect(told(await repay(card))).toEqual(told(await repay(unknown(card))));
      expect(told(await choose(card))).toEqual(told(await choose(unknown(card))));
    }
    expect((await choose(acme.card)).body.errors).toMatchObject([{ code: 'card_unknown' }]);
  });

  test('an application or a loan of a hand-off', async () => {
    const wish = { product_id: 'quick-cash', return_url: 'https://acme.example/back' };
    const make = (change: object) => door.acme.post('/v1/handoffs', { ...wish, ...change });
    for (const [destination, name, id] of [
      ['credit', 'application_id', summit.app],
      ['loan', 'loan_id', summit.loan],
      ['repay', 'loan_id', summit.loan],
      ['apply', 'application_id', summit.app],
    ] as const) {
      const foreign = await make({ destination, [name]: id });
      expect(told(foreign)).toEqual(told(await make({ destination, [name]: unknown(id) })));
      expect(foreign.body.errors).toMatchObject([{ pointer: `/${name}`, code: 'unknown' }]);
    }
    expect((await make({ destination: 'repay', loan_id: acme.loan })).status).toBe(201);
  });
});
