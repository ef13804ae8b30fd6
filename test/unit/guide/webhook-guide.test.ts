import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { RETRY_DELAYS_MS } from '../../../src/delivery/channels/retry-schedule.ts';
import { signWebhook } from '../../../src/delivery/webhooks/sign-webhook.ts';
import { POSTBACK_MACROS } from '../../../src/registry/schema/event-names.ts';
import { callbackSecret } from '../../../src/trust/callback-secret.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

type IsOurs = (secret: string, headers: Record<string, string>, body: Buffer) => boolean;

describe.each(['webhooks.md', 'webhooks.zh.md'])('%s', (file) => {
  const text = readFileSync(new URL(`../../../openapi/guide/${file}`, import.meta.url), 'utf8');

  test('its snippet takes what we send, and nothing else', async () => {
    const [, code = ''] = /^```js webhook\n(.*?)\n```$/ms.exec(text) ?? [];
    const folder = mkdtempSync(join(tmpdir(), 'sluice-guide-'));
    const path = join(folder, 'is-ours.mjs');
    writeFileSync(path, code);
    const { isOurs } = (await import(/* @vite-ignore */ pathToFileURL(path).href)) as { isOurs: IsOurs };
    rmSync(folder, { recursive: true });
    const body = '{"type":"loan.disbursed","data":{"name":"快借"}}';
    const keys = { secret: callbackSecret(SECRET), signingKey: generateKeyPairSync('ed25519').privateKey };
    const now = Math.floor(Date.now() / 1_000);
    const headers = signWebhook({ id: 'evt_1', timestampSeconds: now, body }, keys);
    expect(isOurs(SECRET, headers, Buffer.from(body))).toBe(true);
    expect(isOurs(SECRET, headers, Buffer.from(`${body} `))).toBe(false);
    expect(isOurs(SECRET, { ...headers, 'webhook-id': 'evt_2' }, Buffer.from(body))).toBe(false);
    const old = signWebhook({ id: 'evt_1', timestampSeconds: now - 301, body }, keys);
    expect(isOurs(SECRET, old, Buffer.from(body))).toBe(false);
  });

  test('names every macro, and as many waits as there are', () => {
    const told = POSTBACK_MACROS.filter((name) => !/^sub[2-9]$/.test(name));
    for (const name of told) expect(text).toContain(`{${name}}`);
    const [line = ''] = text.split('\n').filter((one) => one.startsWith('- **') && one.includes('30'));
    expect(RETRY_DELAYS_MS).toHaveLength(9);
    for (const wait of ['5', '30', '2', '10', '14', '20']) expect(line).toContain(wait);
  });
});
