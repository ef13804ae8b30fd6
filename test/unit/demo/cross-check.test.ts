import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PartnerId } from '../../../src/demo/cast-errands.ts';
import type { CheckedStatement } from '../../../src/demo/collect-statements.ts';
import { crossCheck, type Known } from '../../../src/demo/cross-check.ts';
import { HttpExchange } from '../../../src/demo/http-exchange.ts';
import { OperatorClient } from '../../../src/demo/operator-client.ts';
import { PartnerClient } from '../../../src/demo/partner-client.ts';
import type { Funnel } from '../../../src/demo/read-funnels.ts';
import type { Players } from '../../../src/demo/send-applicants.ts';
import { contentDigest } from '../../../src/trust/content-digest.ts';
import { deriveOurKey, publicKeySet } from '../../../src/trust/our-keys.ts';
import { PublishedKeys } from '../../../src/trust/published-keys.ts';
import { signAnswer } from '../../../src/trust/sign-answer.ts';
import { responseMessage } from '../../../src/trust/verify-response.ts';

/** What the gateway of this test still has, and what its ledger says. */
const kept = new Set(['app_1', 'app_2', 'app_3', 'loan_1']);
const stated: Record<string, number> = { acme: 500, summit: 300, lantern: 200 };

let gateway: Server;
/** What the gateway signs its answers with; the set that it publishes stays what it is. */
let signer = deriveOurKey('a root secret of this test');
const published = new PublishedKeys(async () => publicKeySet([deriveOurKey('a root secret of this test')]));
const oneLine = ([name, lines = []]: [string, string[] | undefined]): [string, string] => [name, lines.join(', ')];

let players: Players;

beforeAll(async () => {
  gateway = createServer((request, response) => {
    const path = request.url ?? '';
    const id = path.split('/').at(-1) ?? '';
    const keyId = /keyid="(\w+)"/.exec(String(request.headers['signature-input']))?.[1];
    const isBalance = path.endsWith('/balance');
    const body = isBalance ? { data: [{ contract: 'main', stated: stated[keyId ?? 'lantern'] }] } : { id };
    const status = isBalance || kept.has(id) ? 200 : 404;
    const bytes = Buffer.from(JSON.stringify(body));
    const headers = { 'content-type': 'application/json', 'content-digest': contentDigest(bytes) };
    const url = `http://${request.headers.host}${path}`;
    const asked = { method: request.method ?? '', url, headers: Object.entries(request.headersDistinct).map(oneLine) };
    const message = responseMessage({ status, headers: Object.entries(headers) }, asked);
    const signed = signAnswer(message, signer.signingKey, undefined, Date.now() / 1_000);
    response.writeHead(status, { ...headers, ...(signed.ok ? signed.headers : {}) });
    response.end(bytes);
  });
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
  const { privateKey: keyObject } = generateKeyPairSync('ed25519');
  const platform = (id: 'acme' | 'summit') =>
    new PartnerClient(id, origin, { id, alg: 'ed25519', keyObject }, published);
  players = {
    origin,
    operator: new OperatorClient(origin, 'token'),
    platforms: { acme: platform('acme'), summit: platform('summit') },
    visitors: new HttpExchange(),
  };
});

afterAll(async () => {
  await Promise.all([players.operator.close(), players.platforms.acme.close(), players.platforms.summit.close()]);
  gateway.close();
});

function statement(partnerId: PartnerId, opening: number, closing: number, faults: string[] = []): CheckedStatement {
  const sums = { accruals: closing - opening, adjustments: 0, tax: 0, withheld: 0, lines_count: 1 };
  const period = { id: '2026-12-01' };
  const head = { id: `stm_${partnerId}_${opening}`, contract: 'main', period, status: 'issued', currency: 'CNY' };
  return { partnerId, statement: { ...head, opening, closing, ...sums }, faults };
}

function funnel(applications: number): Funnel {
  const disbursed = { count: 0, principal: {} };
  return { clicks: { raw: 0 }, applications, refused: 0, refused_by_reason: {}, granted: 0, disbursed };
}

function known(change: Partial<Known> = {}): Known {
  const acme = { partnerId: 'acme', applicationId: 'app_1', status: 'received' } as const;
  const summit = { partnerId: 'summit', applicationId: 'app_2', status: 'refused' } as const;
  const lantern = { partnerId: 'lantern', applicationId: 'app_3', status: null } as const;
  const answered = [acme, summit, lantern];
  return {
    sent: { answered, rivals: [[acme, summit]], clicks: 1, prechecks: 0, heldBack: 0 },
    loans: [{ partnerId: 'acme', loanId: 'loan_1' }],
    statements: [
      statement('acme', 0, 400),
      statement('acme', 400, 500),
      statement('summit', 0, 300),
      statement('lantern', 0, 200),
    ],
    funnels: { acme: funnel(1), summit: funnel(1), lantern: funnel(1) },
    ...change,
  };
}

describe('the demo’s last look', () => {
  test('takes no answer that the gateway did not sign', async () => {
    const stranger = deriveOurKey('another root secret of this test');
    signer = { ...stranger, signingKey: { ...stranger.signingKey, id: signer.kid } };
    await expect(crossCheck(players, known())).rejects.toThrow(/does not verify/);
    signer = deriveOurKey('a root secret of this test');
  });

  test('finds nothing where everything adds up', async () => {
    expect(await crossCheck(players, known())).toEqual([]);
  });

  test('finds a statement that does not verify, does not follow the one before, or is not what the ledger says', async () => {
    const statements = [
      statement('acme', 0, 400, ['signature: no given key made it']),
      statement('acme', 390, 500),
      statement('summit', 0, 301),
    ];
    const faults = await crossCheck(players, known({ statements }));
    expect(faults).toEqual([
      expect.stringContaining('no given key made it'),
      expect.stringContaining('opens with 390 after 400'),
      expect.stringContaining('closes with 301, the ledger says 300'),
      expect.stringContaining('lantern: there is no statement'),
    ]);
  });

  test('finds what was answered and is gone, and what was counted otherwise than answered', async () => {
    const { sent, funnels } = known();
    const lost = { partnerId: 'acme', applicationId: 'app_9', status: 'received' } as const;
    const faults = await crossCheck(
      players,
      known({
        sent: { ...sent, answered: [...sent.answered, lost] },
        loans: [{ partnerId: 'summit', loanId: 'loan_9' }],
        funnels: { ...funnels, summit: funnel(2) },
      }),
    );
    expect(faults).toEqual([
      'acme: 2 applications were answered, 1 are counted',
      'summit: 1 applications were answered, 2 are counted',
      expect.stringContaining('app_9 was answered, and is gone'),
      expect.stringContaining('loan_9 was answered, and is gone'),
    ]);
  });

  test('finds one person that two partners got, or neither', async () => {
    const { sent } = known();
    for (const status of ['received', 'refused']) {
      const rivals = [sent.answered.slice(0, 2).map((one) => ({ ...one, status }))];
      const [fault] = await crossCheck(players, known({ sent: { ...sent, rivals } }));
      expect(fault).toContain('instead of one');
    }
  });
});
