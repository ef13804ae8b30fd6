import { describe, expect, test } from 'vitest';
import { judgeProbe } from '../../../src/applications/push/probes/judge-probe.ts';
import type { ProbeExchange, ProbeExpectation } from '../../../src/applications/push/probes/probe.ts';
import { LARGE_BODY_BYTES, probeMessage } from '../../../src/applications/push/probes/probe-message.ts';
import { signProbe } from '../../../src/applications/push/probes/sign-probe.ts';
import { OurSignatureVerifier } from '../../../src/sandbox/verify-our-signature.ts';
import { deriveOurKey, publicKeySet } from '../../../src/trust/our-keys.ts';
import { SAMPLE_TIME, sampleApplication } from '../../support/sample-application.ts';

const FACTS = { knownRef: 'L-1', timeoutMs: 10_000 };

function exchange(status: number | null, body: unknown = {}, tookMs = 5): ProbeExchange {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, error: status === null ? 'timeout' : null, tookMs, body: text };
}

function found(expects: ProbeExpectation, ...exchanges: ProbeExchange[]): string[] {
  return judgeProbe(expects, exchanges, FACTS).map(({ code, pointer, minor }) => {
    return `${minor ? '! ' : ''}${code}${pointer === null ? '' : ` ${pointer}`}`;
  });
}

describe('what a core answers to a probe', () => {
  test('an unauthorised request must be answered 401; 400 and 403 refuse too, and could say why', () => {
    expect(found('unauthorised', exchange(401))).toEqual([]);
    expect(found('unauthorised', exchange(403))).toEqual(['! wrong_status']);
    for (const status of [200, 202, 404, 500])
      expect(found('unauthorised', exchange(status))).toEqual(['wrong_status']);
  });

  test('what cannot be done must be refused for good', () => {
    for (const status of [400, 404, 422]) expect(found('refused', exchange(status))).toEqual([]);
    for (const status of [200, 408, 409, 425, 429, 500, 503]) {
      expect(found('refused', exchange(status))).toEqual(['wrong_status']);
    }
  });

  test('a delivery that came before is a duplicate under the same reference', () => {
    const same = exchange(200, { result: 'duplicate', lender_ref: 'L-1' });
    expect(found('duplicate', same, same)).toEqual([]);
    expect(found('duplicate', exchange(202, { result: 'accepted', lender_ref: 'L-1' }))).toEqual([
      'not_a_duplicate /result',
    ]);
    expect(found('duplicate', exchange(200, { result: 'duplicate' }))).toEqual(['lender_ref_missing /lender_ref']);
    const other = exchange(200, { result: 'duplicate', lender_ref: 'L-2' });
    expect(found('duplicate', same, other)).toEqual(['lender_ref_changed /lender_ref']);
  });

  test('an answer that does not read as documented is named by its places, each once, and never quoted', () => {
    const bad = exchange(200, { result: 'ok', lender_ref: 7, retry_at: 'soon 张三' });
    expect(found('answered', bad, bad)).toEqual([
      'answer_invalid /result',
      'answer_invalid /lender_ref',
      'answer_invalid /retry_at',
    ]);
    expect(JSON.stringify(judgeProbe('answered', [bad], FACTS))).not.toContain('张三');
    expect(found('answered', exchange(200, 'OK'))).toEqual(['answer_invalid ']);
    expect(found('answered', exchange(201, { result: 'accepted' }))).toEqual(['wrong_status']);
  });

  test('no answer is a fault; one that takes more than half of its time is told', () => {
    expect(found('answered', exchange(null))).toEqual(['no_answer']);
    expect(found('unauthorised', exchange(401, {}, 5_001))).toEqual(['! slow']);
  });
});

describe('what a probe sends', () => {
  const ourKey = deriveOurKey('a root secret of the test');
  const core = { url: 'http://127.0.0.1:9/core', signingKey: ourKey.signingKey };
  const record = { applicant: { phone: '13800130003' }, device: null, documents: [], verifications: [], consents: [] };
  const application = sampleApplication('probed', { lender_ref: 'L-1' });

  test('the same delivery is the same, byte for byte', () => {
    const once = probeMessage('same', application, record, SAMPLE_TIME);
    expect(JSON.stringify(probeMessage('same', application, record, SAMPLE_TIME))).toBe(JSON.stringify(once));
    expect(once.body).toMatchObject({ delivery_id: once.deliveryId, application_id: application.id });
  });

  test('what is new to the core has a delivery id of its own, and a product that there is not no living application', () => {
    const bodies = (['unknown_product', 'unknown_field', 'large'] as const).map((content) => {
      return probeMessage(content, application, record, SAMPLE_TIME);
    });
    expect(new Set(bodies.map(({ deliveryId }) => deliveryId)).size).toBe(3);
    const [product, , large] = bodies.map(({ body }) => body as { application_id: string });
    expect(product?.application_id).not.toBe(application.id);
    expect(JSON.stringify(large).length).toBeGreaterThan(LARGE_BODY_BYTES);
  });

  test.each([
    ['right', 'ok'],
    ['none', 'signature_missing'],
    ['wrong', 'signature_invalid'],
    ['other_body', 'digest_mismatch'],
    ['expired', 'signature_expired'],
    ['unknown_key', 'key_unknown'],
  ] as const)('a signature that is to be %s is that: %s', async (signature, verdict) => {
    const message = probeMessage('same', application, record, SAMPLE_TIME);
    const { url, headers, body } = signProbe(signature, core, message, Date.now() / 1_000);
    const verifier = new OurSignatureVerifier(async () => publicKeySet([ourKey]));
    const raw = {
      method: 'POST',
      target: new URL(url).pathname,
      headers: [['Host', '127.0.0.1:9'] as [string, string], ...Object.entries(headers)],
      body: Buffer.from(body),
    };
    const check = await verifier.check(raw, 'http://127.0.0.1:9');
    expect(check.ok ? 'ok' : check.code).toBe(verdict);
  });
});
