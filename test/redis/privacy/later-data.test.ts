import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Application } from '../../../src/applications/model.ts';
import { type LenderMessage, messageEffects } from '../../../src/applications/push/lender-message.ts';
import { HandoffStore } from '../../../src/attribution/handoffs/handoff-store.ts';
import { makeToken } from '../../../src/attribution/handoffs/handoff-token.ts';
import { isoOf, MINUTE_MS } from '../../../src/base/clock.ts';
import { derivedIdBeside, randomId, shardOfId } from '../../../src/base/ids.ts';
import type { Sealer } from '../../../src/identity/seal.ts';
import type { Subject } from '../../../src/identity/subject.ts';
import { eraseSubject } from '../../../src/privacy/erase-subject.ts';
import { exportSubject } from '../../../src/privacy/export-subject.ts';
import { createPersonalMessages } from '../../../src/privacy/personal-messages.ts';
import { readWantedSubject, type WantedSubject } from '../../../src/privacy/wanted-subject.ts';
import { startFakeCore } from '../../support/fake-core.ts';
import { nextPerson } from '../../support/intake.ts';
import { OutboxBench, signingKey } from '../../support/outbox.ts';
import { createTestPrivacy, type TestPrivacy } from '../../support/privacy.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let privacy: TestPrivacy;
let bench: OutboxBench;

beforeAll(async () => {
  redis = await startTestRedis();
  const openJson: Sealer['openJson'] = (...given) => privacy.intake.deps.sealer.openJson(...given);
  privacy = await createTestPrivacy(redis, [createPersonalMessages({ ...redis, sealer: { openJson } })]);
  bench = new OutboxBench(redis);
});
afterEach(() => bench.closeAll());
afterAll(() => redis.close());

const CARD = { card_id: 'card_1', number: '6222020000000000015', phone: '13800138000' };

async function send(application: Application, kind: LenderMessage['kind'], body: object): Promise<void> {
  const deliveryId = derivedIdBeside('dlv', application.id, kind);
  const message = { kind, about: {}, body: { ...body }, deliveryId };
  const effects = messageEffects(privacy.intake.deps.sealer, application, message, Date.now() - MINUTE_MS);
  await privacy.intake.deps.store.change(application.id, () => ({ events: [], effects, result: null }));
}

const kept = ({ id }: Application) => redis.client.hlen(redis.keys.shard(shardOfId(id), 'messages', id));

function wanted(subject: Subject): WantedSubject {
  const read = readWantedSubject(subject, privacy.desk.tokenizer);
  if (!read.ok) throw new Error('no subject');
  return read.wanted;
}

describe('what people bring after they have applied', () => {
  test('is in the export: messages that wait, actions, cards, checks, hand-offs', async () => {
    const person = nextPerson();
    const application = await privacy.apply({ person });
    await send(application, 'card', CARD);
    const handoff = await openedHandoff(application);
    await privacy.project();
    const found = await exportSubject(privacy.desk, wanted({ id_number: person.idNumber }), 'li.na');
    expect(found.applications).toMatchObject([{ others: { messages: [{ kind: 'card', body: CARD }] } }]);
    expect(found.touches).toMatchObject([{ handoff: { id: handoff, partner_user_ref: 'U-1' } }]);
  });

  test('does not outlive an erasure: nothing of it opens, no hand-off knows whose it was', async () => {
    const person = nextPerson();
    const application = await privacy.apply({ person });
    await send(application, 'card', CARD);
    await send(application, 'supplement', { applicant: { email: 'a@example.com' } });
    const handoff = await openedHandoff(application);
    await privacy.project();
    await eraseSubject(privacy.desk, wanted({ id_number: person.idNumber }), true);
    expect(await kept(application)).toBe(0);
    const { tokens, partner_user_ref } = (await privacy.desk.handoffs.load(handoff))?.handoff ?? {};
    expect([tokens, partner_user_ref]).toEqual([[], null]);
    const [after] = (await exportSubject(privacy.desk, wanted({ id_number: person.idNumber }), 'li.na')).applications;
    expect(after).toMatchObject({ personal: null, others: { messages: [] } });
  });

  test('and what a partner brings afterwards is kept for nobody when the lender refuses it', async () => {
    const application = await bench.application({ status: 'in_review', lender_ref: 'L-1', erased_at: isoOf(0) });
    const { id } = await bench.message(application, 'card', 'late');
    const core = await startFakeCore(() => ({ status: 422 }));
    bench.onClose(() => core.close());
    await bench.worker({ url: core.url, signingKey }, { journal: { lines: [], failures: [] } }).drain();
    expect([core.received.length, await kept(application)]).toEqual([1, 0]);
    expect(await bench.dead.find(id)).toBeUndefined();
  });
});

/** A hand-off of this person that was opened, so that it is a touch. */
async function openedHandoff({ subject }: Application): Promise<string> {
  const handoffs = new HandoffStore(redis.client, redis.keys);
  const id = randomId('hnd');
  const nowMs = privacy.intake.clock.nowMs();
  const handoff = {
    ...{ id, partner_id: 'acme', lender_id: 'quickcredit', product_id: 'quick-cash', destination: 'apply' as const },
    ...{ application_id: null, loan_id: null, partner_user_ref: 'U-1' },
    tokens: [...subject.claims, ...subject.pointers],
    created_at: isoOf(nowMs),
    expires_at: isoOf(nowMs + MINUTE_MS),
  };
  await handoffs.create(handoff, makeToken(id).digest, { person: 'sealed', back: 'sealed' });
  const touch = { kind: 'handoff' as const, id, partner_id: 'acme', link_code: null, at_ms: nowMs };
  await privacy.desk.touches.bind(handoff.tokens, touch);
  await handoffs.spend(id, nowMs);
  return id;
}
