import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AnotherGateway,
  call,
  ed,
  edPair,
  isKnown,
  type KeyGateways,
  pemOf,
  startKeyGateways,
  until,
} from '../support/key-gateways.ts';
import { type KeyServer, startKeyServer } from '../support/key-server.ts';
import { operatorClient, shippedKey } from '../support/signed-client.ts';

const reason = 'a test of keys';

let gateways: KeyGateways;
let acmeServer: KeyServer;
let summitServer: KeyServer;
beforeAll(async () => {
  gateways = await startKeyGateways();
  ({ acmeServer, summitServer } = gateways);
});
afterAll(() => gateways.stop());

/** Gives a gateway that has asked for nothing yet. */
async function withFresh(use: (fresh: AnotherGateway) => Promise<void>): Promise<void> {
  const fresh = await gateways.another(3);
  try {
    await use(fresh);
  } finally {
    await fresh.stop();
  }
}

describe('keys that a party publishes itself', () => {
  test('an unknown kid refreshes the JWKS once, and a stranger’s kid does not again', async () => {
    await withFresh(async (fresh) => {
      await until(async () => acmeServer.asked > 0, 2_000);
      await delay(200);
      const before = acmeServer.asked;
      const pair = edPair();
      acmeServer.keys['acme-published'] = pair.publicKey;
      const key = ed('acme-published', pair);
      const answers = await Promise.all(Array.from({ length: 20 }, () => call(key, fresh)));
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      expect(acmeServer.asked - before).toBe(1);
      for (let stranger = 0; stranger < 20; stranger += 1) {
        expect((await call(ed(`stranger-${stranger}`, edPair()), fresh)).body.code).toBe('key_unknown');
      }
      expect(acmeServer.asked - before).toBe(1);
    });
  });

  test('a JWKS of another party cannot take over a key id', async () => {
    const [thief, acme] = [edPair(), shippedKey('acme')];
    summitServer.keys['acme-ed'] = thief.publicKey;
    await withFresh(async (fresh) => {
      await delay(200);
      const mine = await call(acme, fresh);
      expect([mine.status, mine.body.id]).toEqual([200, 'acme']);
      expect((await call(ed('acme-ed', thief), fresh)).body.code).toBe('signature_invalid');
    });
    delete summitServer.keys['acme-ed'];
  });

  test('a jwks_url that answers 10 MB, hangs or redirects to this machine does no harm', async () => {
    const called: string[] = [];
    const victim = await startKeyServer();
    victim.answer = (request, response) => {
      called.push(request.url ?? '');
      response.end('{"keys":[]}');
    };
    const { answer } = acmeServer;
    for (const bad of [
      ((_request, response) => response.end(Buffer.alloc(10 * 1024 * 1024, ' '))) as KeyServer['answer'],
      ((_request, response) => response.writeHead(302, { location: victim.url }).end()) as KeyServer['answer'],
      (() => undefined) as KeyServer['answer'],
    ]) {
      acmeServer.answer = bad;
      await withFresh(async (fresh) => {
        const startedMs = performance.now();
        const stranger = call(ed('whoever', edPair()), fresh);
        expect((await call(shippedKey('acme'), fresh)).status).toBe(200);
        expect(performance.now() - startedMs).toBeLessThan(1_000);
        expect((await stranger).body.code).toBe('key_unknown');
        expect(performance.now() - startedMs).toBeLessThan(6_000);
      });
    }
    acmeServer.answer = answer;
    expect(called).toEqual([]);
    victim.close();
  });

  test('a published key can be revoked here, and stays listed as revoked', async () => {
    const pair = edPair();
    acmeServer.keys['acme-leaked'] = pair.publicKey;
    await withFresh(async (fresh) => {
      const admin = operatorClient(fresh.url, gateways.first.adminToken);
      const key = ed('acme-leaked', pair);
      await until(() => isKnown(key, fresh), 10_000);
      const { status, body } = await admin.post('/admin/v1/keys/acme-leaked/revoke', { reason });
      expect([status, body]).toMatchObject([200, { source: 'jwks', status: 'revoked' }]);
      expect((await call(key, fresh)).body.code).toBe('key_unknown');
      const rotate = await admin.post('/admin/v1/keys/acme-published/rotate', { reason, pem: pemOf(edPair()) });
      expect([rotate.status, rotate.body.errors[0].code]).toEqual([422, 'key_elsewhere']);
    });
  });
});
