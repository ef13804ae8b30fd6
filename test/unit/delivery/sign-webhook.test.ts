import { createHmac, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { signWebhook } from '../../../src/delivery/webhooks/sign-webhook.ts';
import { callbackSecret } from '../../../src/trust/callback-secret.ts';

const { privateKey } = generateKeyPairSync('ed25519');

describe('the signature of a webhook', () => {
  test('is that of the Standard Webhooks vector', () => {
    const headers = signWebhook(
      { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestampSeconds: 1614265330, body: '{"test": 2432232314}' },
      { secret: callbackSecret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'), signingKey: privateKey },
    );
    expect(headers['webhook-id']).toBe('msg_p5jXN8AQM9LWM0D4loKWxJek');
    expect(headers['webhook-timestamp']).toBe('1614265330');
    expect(headers['webhook-signature'].split(' ')[0]).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  test('covers the bytes of a body that is not ASCII, by both keys', () => {
    const secret = Buffer.from('0123456789abcdef0123456789abcdef');
    const body = '{"name":"快借"}';
    const headers = signWebhook({ id: 'evt_1', timestampSeconds: 1, body }, { secret, signingKey: privateKey });
    const signed = Buffer.concat([Buffer.from('evt_1.1.'), Buffer.from(body, 'utf8')]);
    const [shared = '', own = ''] = headers['webhook-signature'].split(' ');
    expect(shared).toBe(`v1,${createHmac('sha256', secret).update(signed).digest('base64')}`);
    expect(own.startsWith('v1a,')).toBe(true);
    const value = Buffer.from(own.slice('v1a,'.length), 'base64');
    expect(verify(null, signed, createPublicKey(privateKey), value)).toBe(true);
    expect(verify(null, Buffer.concat([signed, Buffer.from(' ')]), createPublicKey(privateKey), value)).toBe(false);
  });
});
